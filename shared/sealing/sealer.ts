import type { SealedPair } from '../credential/credential.ts';
import type { Secret } from '../secret/secret.ts';

/** A pair's tokens in the clear, on their way into or out of their seals. */
export interface OpenTokens {
  readonly accessToken?: Secret;
  readonly refreshToken?: Secret;
}

/**
 * Seals tokens for storage, bound to credential, chain and generation: the access token under one key ring,
 * the refresh token under another, so that who may read the one cannot open the other. Every method rejects
 * with `StoreUnavailableError` or `KeyRingError` while a ring cannot be had, opening with `SealError` too.
 */
export interface Sealer {
  /** Brings both rings into memory, so that sealing needs no network when it matters (I1). */
  ready(): Promise<void>;
  /** Reads both rings anew. */
  reload(): Promise<void>;
  /** `pair` with its tokens sealed. */
  sealPair(credential: string, pair: UnsealedPair, tokens: OpenTokens): Promise<SealedPair>;
  /** The access token of `pair`; undefined for a seed. */
  accessToken(credential: string, pair: SealedPair): Promise<Secret | undefined>;
  /** The refresh token of `pair`, if it has one. */
  refreshToken(credential: string, pair: SealedPair): Promise<Secret | undefined>;
  /** `pair` sealed under the rings' current keys; undefined if it is already. */
  reseal(credential: string, pair: SealedPair): Promise<SealedPair | undefined>;
  /** An answer sealed under the current key; undefined if it is already. */
  resealAnswer(sealed: string, at: AnswerPlace): Promise<string | undefined>;
  /** Opens what {@link Sealer.sealAnswer} sealed. */
  openAnswer(sealed: string, at: AnswerPlace): Promise<Secret>;
  /** Seals an answer that could not be understood, for the operator. */
  sealAnswer(body: Secret, at: AnswerPlace): Promise<string>;
}

export type UnsealedPair = Omit<SealedPair, 'sealedAccess' | 'sealedRefresh'>;

/** Where an answer belongs. */
export interface AnswerPlace {
  readonly credential: string;
  readonly chain: string;
  readonly generation: number;
}
