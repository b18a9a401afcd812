import type { SealedPair } from '../credential/credential.ts';
import type { Secret } from '../secret/secret.ts';
import type { SecretStore } from '../secret-store/secret-store.ts';
import { type KeyRing, KeyRingError, parseKeyRing } from './key-ring.ts';
import { open, type SealBinding, SealError, seal } from './seal.ts';
import type { AnswerPlace, OpenTokens, Sealer, UnsealedPair } from './sealer.ts';

type RingName = 'access' | 'refresh';

/**
 * {@link Sealer} by JWE under the two key rings of the vault, read once and kept in memory. A key id that the ring
 * in memory does not know (it was rotated) makes it load the ring again.
 */
export class JweSealer implements Sealer {
  readonly #store: SecretStore;
  readonly #names: Readonly<Record<RingName, string>>;
  readonly #cached = new Map<RingName, KeyRing>();

  constructor(store: SecretStore, names: Readonly<Record<RingName, string>>) {
    this.#store = store;
    this.#names = names;
  }

  async ready(): Promise<void> {
    await Promise.all([this.#ring('access'), this.#ring('refresh')]);
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

  async #seal(name: RingName, value: Secret, binding: Omit<SealBinding, 'use'>): Promise<string> {
    return seal(await this.#ring(name), value, { ...binding, use: name });
  }

  async #open(name: RingName, sealed: string, credential: string, pair: SealedPair): Promise<Secret> {
    const binding = { credential, chain: pair.chain, generation: pair.generation, use: name };
    try {
      return await open(await this.#ring(name), sealed, binding);
    } catch (error) {
      if (!(error instanceof SealError) || error.code !== 'unknown-seal-key') throw error;
      return open(await this.#load(name), sealed, binding);
    }
  }

  async #ring(name: RingName): Promise<KeyRing> {
    return this.#cached.get(name) ?? this.#load(name);
  }

  /** Reads past the cache. While that fails, what the ring in memory can do goes on. */
  async #load(name: RingName): Promise<KeyRing> {
    const secret = await this.#store.get(this.#names[name]);
    if (!secret) throw new KeyRingError(`${this.#names[name]}: there is no such secret; restore it.`);
    const ring = parseKeyRing(this.#names[name], secret.value);
    this.#cached.set(name, ring);
    return ring;
  }
}
