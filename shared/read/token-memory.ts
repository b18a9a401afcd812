import type { SealedPair } from '../credential/credential.ts';
import type { Secret } from '../secret/secret.ts';

/** A token that is good now. */
export interface CurrentToken {
  readonly accessToken: Secret;
  readonly pair: SealedPair;
  /** What API calls must send as `User-Agent`, where it was registered. */
  readonly userAgent?: string;
}

const MOST_HELD = 1000;

/**
 * The tokens that one container served last. They never come before the ledger: an operator may have had one
 * replaced before its `refresh_after`. They spare opening a seal twice, and stand in while the ledger is away.
 */
export class TokenMemory {
  readonly #held = new Map<string, CurrentToken>();

  /** Holds `token` as the credential's last one; beyond 1000 credentials the one held longest goes. */
  hold(credential: string, token: CurrentToken): void {
    this.#held.delete(credential);
    this.#held.set(credential, token);
    const [oldest] = this.#held.keys();
    if (this.#held.size > MOST_HELD && oldest !== undefined) this.#held.delete(oldest);
  }

  /** The access token of this very pair, if it is held. Whatever else is held of the credential is forgotten. */
  accessToken(credential: string, pair: SealedPair | undefined): Secret | undefined {
    const held = this.#held.get(credential);
    if (held && isSame(held.pair, pair)) return held.accessToken;
    this.#held.delete(credential);
    return undefined;
  }

  forget(credential: string): void {
    this.#held.delete(credential);
  }

  /** The token that nobody refreshes yet, as far as this container knows. */
  withinPromise(credential: string, nowMs: number): CurrentToken | undefined {
    const held = this.#held.get(credential);
    return held && nowMs < held.pair.refreshAfterMs && nowMs < held.pair.expiresAtMs ? held : undefined;
  }
}

/** A pair that was sealed anew is opened anew. */
function isSame(held: SealedPair, pair: SealedPair | undefined): boolean {
  return held.sealedAccess === pair?.sealedAccess && held.generation === pair?.generation;
}
