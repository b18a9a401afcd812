import { decodeProtectedHeader } from 'jose';
import { ageMs } from '../clock/age.ts';
import type { Clock } from '../clock/clock.ts';
import type { SealedPair } from '../credential/credential.ts';
import type { Secret } from '../secret/secret.ts';
import type { SecretStore } from '../secret-store/secret-store.ts';
import { type KeyRing, KeyRingError, parseKeyRing } from './key-ring.ts';
import { open, type SealBinding, SealError, seal } from './seal.ts';
import type { AnswerPlace, OpenTokens, Sealer, UnsealedPair } from './sealer.ts';

type RingName = 'access' | 'refresh';

/** How long a container may go on with a ring that was rotated meanwhile; `rotateRing` holds keys for longer. */
export const RING_CACHE_MS = 5 * 60 * 1000;

/** `ready` renews a ring this much earlier: no answer of an attempt that follows waits for the vault (I1). */
const READY_MS = RING_CACHE_MS / 2;

/**
 * {@link Sealer} by JWE under the two key rings of the vault, read once and kept in memory. A key id that the ring
 * in memory does not know (it was rotated) makes it load the ring again.
 */
export class JweSealer implements Sealer {
  readonly #store: Pick<SecretStore, 'get'>;
  readonly #names: Readonly<Record<RingName, string>>;
  readonly #clock: Clock;
  readonly #cached = new Map<RingName, { readonly ring: KeyRing; readonly atMs: number }>();

  constructor(store: Pick<SecretStore, 'get'>, names: Readonly<Record<RingName, string>>, clock: Clock) {
    this.#store = store;
    this.#names = names;
    this.#clock = clock;
  }

  async ready(): Promise<void> {
    await Promise.all([this.#ring('access', READY_MS), this.#ring('refresh', READY_MS)]);
  }

  /** Brings the ring of access tokens into memory: the only one that the read function may have. */
  async readyToRead(): Promise<void> {
    await this.#ring('access', READY_MS);
  }

  async reload(): Promise<void> {
    await Promise.all([this.#load('access'), this.#load('refresh')]);
  }

  async sealPair(credential: string, pair: UnsealedPair, tokens: OpenTokens): Promise<SealedPair> {
    const binding = { credential, chain: pair.chain, generation: pair.generation };
    const sealed = { ...pair } as { -readonly [K in keyof SealedPair]: SealedPair[K] };
    if (tokens.accessToken) sealed.sealedAccess = await this.#seal('access', tokens.accessToken, binding);
    if (tokens.refreshToken) sealed.sealedRefresh = await this.#seal('refresh', tokens.refreshToken, binding);
    return sealed;
  }

  async accessToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    if (!pair.sealedAccess) return undefined;
    return this.#open('access', pair.sealedAccess, credential, pair);
  }

  async refreshToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    if (!pair.sealedRefresh) return undefined;
    return this.#open('refresh', pair.sealedRefresh, credential, pair);
  }

  async sealAnswer(body: Secret, at: AnswerPlace): Promise<string> {
    return seal(await this.#ring('refresh'), body, { ...at, use: 'answer' });
  }

  async openAnswer(sealed: string, at: AnswerPlace): Promise<Secret> {
    return this.#openBound('refresh', sealed, { ...at, use: 'answer' });
  }

  async resealAnswer(sealed: string, at: AnswerPlace): Promise<string | undefined> {
    const { current } = await this.#ring('refresh');
    if (decodeProtectedHeader(sealed).kid === current) return undefined;
    return this.sealAnswer(await this.openAnswer(sealed, at), at);
  }

  async reseal(credential: string, pair: SealedPair): Promise<SealedPair | undefined> {
    const [access, refresh] = [await this.#ring('access'), await this.#ring('refresh')];
    const isCurrent = (sealed: string | undefined, ring: KeyRing) =>
      sealed === undefined || decodeProtectedHeader(sealed).kid === ring.current;
    if (isCurrent(pair.sealedAccess, access) && isCurrent(pair.sealedRefresh, refresh)) return undefined;
    const { sealedAccess: _, sealedRefresh: __, ...unsealed } = pair;
    return this.sealPair(credential, unsealed, {
      accessToken: await this.accessToken(credential, pair),
      refreshToken: await this.refreshToken(credential, pair),
    });
  }

  async #seal(name: RingName, value: Secret, binding: Omit<SealBinding, 'use'>): Promise<string> {
    return seal(await this.#ring(name), value, { ...binding, use: name });
  }

  #open(name: RingName, sealed: string, credential: string, pair: SealedPair): Promise<Secret> {
    const { chain, generation } = pair;
    return this.#openBound(name, sealed, { credential, chain, generation, use: name });
  }

  async #openBound(name: RingName, sealed: string, binding: SealBinding): Promise<Secret> {
    try {
      return await open(await this.#ring(name), sealed, binding);
    } catch (error) {
      if (!(error instanceof SealError) || error.code !== 'unknown-seal-key') throw error;
      return open(await this.#load(name), sealed, binding);
    }
  }

  /** Read anew now and then, so that a rotation reaches every container; not while the vault is away. */
  async #ring(name: RingName, cacheMs = RING_CACHE_MS): Promise<KeyRing> {
    const cached = this.#cached.get(name);
    if (!cached) return this.#load(name);
    if (ageMs(this.#clock, cached.atMs) < cacheMs) return cached.ring;
    return this.#load(name).catch(() => cached.ring);
  }

  /** Reads past the cache. While that fails, what the ring in memory can do goes on. */
  async #load(name: RingName): Promise<KeyRing> {
    const secret = await this.#store.get(this.#names[name]);
    if (!secret) throw new KeyRingError(`${this.#names[name]}: there is no such secret; restore it.`);
    const ring = parseKeyRing(this.#names[name], secret.value);
    this.#cached.set(name, { ring, atMs: this.#clock.nowMs() });
    return ring;
  }
}
