import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock/clock.ts';
import type { SealedPair } from '../../shared/credential/credential.ts';
import { RING_CACHE_MS } from '../../shared/sealing/jwe-sealer.ts';
import { type KeyRing, KeyRingError, parseKeyRing } from '../../shared/sealing/key-ring.ts';
import { SealError } from '../../shared/sealing/seal.ts';
import type { AnswerPlace, OpenTokens, Sealer, UnsealedPair } from '../../shared/sealing/sealer.ts';
import { Secret } from '../../shared/secret/secret.ts';
import type { SecretStore } from '../../shared/secret-store/secret-store.ts';

type RingName = 'access' | 'refresh';

interface Sealed {
  readonly value: string;
  readonly kid: string;
  readonly binding: string;
}

/** Everything that was ever sealed, by its seal: shared by the containers of one world. */
export type SealedValues = Map<string, Sealed>;

/**
 * {@link Sealer} that reads its rings from the vault as the real one does, and needs no cryptography: that would
 * take real time, which a virtual clock does not wait for.
 */
export class RingSealer implements Sealer {
  readonly #store: SecretStore;
  readonly #names: Readonly<Record<RingName, string>>;
  readonly #clock: Clock;
  readonly #values: SealedValues;
  readonly #cached = new Map<RingName, { readonly ring: KeyRing; readonly atMs: number }>();

  constructor(
    store: SecretStore,
    names: Readonly<Record<RingName, string>>,
    clock: Clock,
    values: SealedValues,
  ) {
    this.#store = store;
    this.#names = names;
    this.#clock = clock;
    this.#values = values;
  }

  async ready(): Promise<void> {
    await Promise.all([this.#ring('access', RING_CACHE_MS / 2), this.#ring('refresh', RING_CACHE_MS / 2)]);
  }

  async reload(): Promise<void> {
    await Promise.all([this.#load('access'), this.#load('refresh')]);
  }

  async sealPair(credential: string, pair: UnsealedPair, tokens: OpenTokens): Promise<SealedPair> {
    const { accessToken, refreshToken } = tokens;
    return {
      ...pair,
      ...(accessToken && { sealedAccess: await this.#seal('access', accessToken, [credential, pair]) }),
      ...(refreshToken && { sealedRefresh: await this.#seal('refresh', refreshToken, [credential, pair]) }),
    };
  }

  async accessToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    return pair.sealedAccess === undefined
      ? undefined
      : this.#open('access', pair.sealedAccess, [credential, pair]);
  }

  async refreshToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    return pair.sealedRefresh === undefined
      ? undefined
      : this.#open('refresh', pair.sealedRefresh, [credential, pair]);
  }

  async reseal(credential: string, pair: SealedPair): Promise<SealedPair | undefined> {
    const [access, refresh] = [await this.#ring('access'), await this.#ring('refresh')];
    const isCurrent = (sealed: string | undefined, ring: KeyRing) =>
      sealed === undefined || this.#values.get(sealed)?.kid === ring.current;
    if (isCurrent(pair.sealedAccess, access) && isCurrent(pair.sealedRefresh, refresh)) return undefined;
    const { sealedAccess: _, sealedRefresh: __, ...unsealed } = pair;
    return this.sealPair(credential, unsealed, {
      accessToken: await this.accessToken(credential, pair),
      refreshToken: await this.refreshToken(credential, pair),
    });
  }

  async sealAnswer(body: Secret, at: AnswerPlace): Promise<string> {
    return this.#seal('refresh', body, [at.credential, at]);
  }

  async openAnswer(sealed: string, at: AnswerPlace): Promise<Secret> {
    return this.#open('refresh', sealed, [at.credential, at]);
  }

  async resealAnswer(sealed: string, at: AnswerPlace): Promise<string | undefined> {
    const { current } = await this.#ring('refresh');
    if (this.#values.get(sealed)?.kid === current) return undefined;
    return this.sealAnswer(await this.openAnswer(sealed, at), at);
  }

  async #seal(name: RingName, value: Secret, place: Place): Promise<string> {
    const { current } = await this.#ring(name);
    const content = { value: value.reveal(), kid: `${current}`, binding: bind(name, place) };
    // Named by its content: the same in whatever order things are sealed.
    const sealed = `sealed-${createHash('sha1').update(Object.values(content).join(' ')).digest('hex').slice(0, 16)}`;
    this.#values.set(sealed, content);
    return sealed;
  }

  async #open(name: RingName, sealed: string, place: Place): Promise<Secret> {
    const found = this.#values.get(sealed);
    if (found?.binding !== bind(name, place)) throw new SealError('broken-seal', 'It does not belong here.');
    if ((await this.#ring(name)).keys.has(found.kid)) return new Secret(found.value);
    if ((await this.#load(name)).keys.has(found.kid)) return new Secret(found.value);
    throw new SealError('unknown-seal-key', 'The ring does not have the key.');
  }

  async #ring(name: RingName, cacheMs = RING_CACHE_MS): Promise<KeyRing> {
    const cached = this.#cached.get(name);
    if (!cached) return this.#load(name);
    if (this.#clock.monotonicMs() - cached.atMs < cacheMs) return cached.ring;
    return this.#load(name).catch(() => cached.ring);
  }

  async #load(name: RingName): Promise<KeyRing> {
    const secret = await this.#store.get(this.#names[name]);
    if (!secret) throw new KeyRingError(`${this.#names[name]}: there is no such secret.`);
    const ring = parseKeyRing(this.#names[name], secret.value);
    this.#cached.set(name, { ring, atMs: this.#clock.monotonicMs() });
    return ring;
  }
}

type Place = readonly [credential: string, at: { readonly chain: string; readonly generation: number }];

function bind(name: RingName, [credential, { chain, generation }]: Place): string {
  return [credential, chain, generation, name].join(' ');
}
