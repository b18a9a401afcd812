import type { SealedPair } from '../credential/credential.ts';
import { type KeyRing, KeyRingError, parseKeyRing } from '../sealing/key-ring.ts';
import { open, type SealBinding, SealError, seal } from '../sealing/seal.ts';
import type { Secret } from '../secret/secret.ts';
import type { SecretStore } from '../secret-store/secret-store.ts';

export type RingName = 'access' | 'refresh';

/** A pair's tokens in the clear, on their way into or out of their seals. */
export interface OpenTokens {
  readonly accessToken?: Secret;
  readonly refreshToken?: Secret;
}

/**
 * The two key rings, read once and kept in memory, so that sealing needs no network when it matters.
 * A key id that the ring in memory does not know (it was rotated) makes it load again.
 */
export class KeyRings {
  readonly #store: SecretStore;
  readonly #names: Readonly<Record<RingName, string>>;
  readonly #cached = new Map<RingName, KeyRing>();

  constructor(store: SecretStore, names: Readonly<Record<RingName, string>>) {
    this.#store = store;
    this.#names = names;
  }

  /** Brings both rings into memory (I1). Rejects with `StoreUnavailableError` or {@link KeyRingError}. */
  async ready(): Promise<void> {
    await Promise.all([this.#ring('access'), this.#ring('refresh')]);
  }

  /** Seals the tokens of `pair`, each under its own ring: who may read an access token may not refresh it. */
  async sealPair(
    credential: string,
    pair: Omit<SealedPair, 'sealedAccess' | 'sealedRefresh'>,
    tokens: OpenTokens,
  ): Promise<SealedPair> {
    const binding = { credential, chain: pair.chain, generation: pair.generation };
    const sealed = { ...pair } as { -readonly [K in keyof SealedPair]: SealedPair[K] };
    if (tokens.accessToken) sealed.sealedAccess = await this.#seal('access', tokens.accessToken, binding);
    if (tokens.refreshToken) sealed.sealedRefresh = await this.#seal('refresh', tokens.refreshToken, binding);
    return sealed;
  }

  /** The access token of `pair`; undefined for a seed. Rejects as {@link open}, and as {@link ready}. */
  async accessToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    if (!pair.sealedAccess) return undefined;
    return this.#open('access', pair.sealedAccess, credential, pair);
  }

  /** The refresh token of `pair`, if it has one. Rejects as {@link open}, and as {@link ready}. */
  async refreshToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    if (!pair.sealedRefresh) return undefined;
    return this.#open('refresh', pair.sealedRefresh, credential, pair);
  }

  /** Seals an answer that could not be understood, for the operator. */
  async sealAnswer(
    body: Secret,
    at: { credential: string; chain: string; generation: number },
  ): Promise<string> {
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
      this.#cached.delete(name);
      return open(await this.#ring(name), sealed, binding);
    }
  }

  async #ring(name: RingName): Promise<KeyRing> {
    const cached = this.#cached.get(name);
    if (cached) return cached;
    const secret = await this.#store.get(this.#names[name]);
    if (!secret) throw new KeyRingError(`${this.#names[name]}: there is no such secret; restore it.`);
    const ring = parseKeyRing(this.#names[name], secret.value);
    this.#cached.set(name, ring);
    return ring;
  }
}
