import { NEVER_MS, type SealedPair } from './credential.ts';
import type { CredentialSettings, Mode } from './settings.ts';

/** Times of a pair that decide when it is renewed, without its tokens. */
type Lives = Pick<
  SealedPair,
  | 'attempt'
  | 'issuedAtMs'
  | 'expiresAtMs'
  | 'refreshTokenExpiresAtMs'
  | 'refreshTokenSinceMs'
  | 'sealedRefresh'
>;

/**
 * Until when nobody refreshes a new pair (`refresh_after`): half of its life, or so long before its end as the
 * credential says; and in every mode no later than {@link keepAliveAtMs}, so that a refresh token that ends before its
 * access token is renewed in time.
 */
export function refreshAfterMs(
  { mode, refreshBeforeMs }: Pick<CredentialSettings, 'mode' | 'refreshBeforeMs'>,
  pair: Lives,
): number {
  const lifeMs = pair.expiresAtMs - pair.issuedAtMs;
  const wantedMs =
    refreshBeforeMs === undefined
      ? pair.issuedAtMs + lifeMs / 2
      : Math.max(pair.issuedAtMs, pair.expiresAtMs - refreshBeforeMs);
  const keepAliveMs = keepAliveAtMs(mode, pair) ?? lastResortMs(pair, wantedMs);
  return Math.floor(Math.min(wantedMs, keepAliveMs ?? wantedMs));
}

/**
 * A refresh that would come after the end of the refresh token comes at half of what is left of it, even if the last one
 * seemed not to move that end: that two answers state the same end may be chance, and then the chain would be lost.
 */
function lastResortMs(
  { issuedAtMs, refreshTokenExpiresAtMs: endMs }: Lives,
  wantedMs: number,
): number | undefined {
  if (endMs === undefined || wantedMs < endMs) return undefined;
  return issuedAtMs + (endMs - issuedAtMs) / 2;
}

/**
 * When the schedule renews a pair: at `refresh_after`, or (on demand) when its chain must be kept alive; at
 * `refresh_after` too while nobody knows how long the refresh token lives. Without a refresh token there is no chain
 * to keep alive: {@link NEVER_MS}.
 */
export function scheduledAtMs(mode: Mode, pair: Lives & Pick<SealedPair, 'refreshAfterMs'>): number {
  switch (mode) {
    case 'fresh':
      return pair.refreshAfterMs;
    case 'on-demand': {
      if (pair.sealedRefresh === undefined) return NEVER_MS;
      const { refreshTokenExpiresAtMs: endMs } = pair;
      if (endMs === undefined) return pair.refreshAfterMs;
      const keepAliveMs = keepAliveAtMs(mode, pair);
      // A refresh does not move its end: there is nothing to be won by asking ever more often.
      return keepAliveMs ?? Math.max(pair.refreshAfterMs, Math.floor(thirdOf(pair, endMs)));
    }
  }
}

/**
 * How long each new refresh token lives. Undefined when that is unknown (that of a seed is a guess), or when a refresh does
 * not move its end.
 */
export function refreshLifeOf(pair: Lives & Pick<SealedPair, 'sealedAccess'>): number | undefined {
  const {
    issuedAtMs,
    refreshTokenExpiresAtMs: endMs,
    refreshTokenSinceMs,
    sealedAccess,
    sealedRefresh,
  } = pair;
  if (endMs === undefined || refreshTokenSinceMs !== undefined) return undefined;
  return sealedAccess && sealedRefresh ? endMs - issuedAtMs : undefined;
}

/**
 * When a refresh token must be renewed for its own sake: at half of its life, on demand at a third. Undefined when its
 * end is unknown, or when a refresh has just shown that it does not move that end.
 */
function keepAliveAtMs(mode: Mode, pair: Lives): number | undefined {
  const { refreshTokenExpiresAtMs: endMs, refreshTokenSinceMs, issuedAtMs } = pair;
  if (endMs === undefined || refreshTokenSinceMs !== undefined) return undefined;
  return Math.floor(mode === 'on-demand' ? thirdOf(pair, endMs) : issuedAtMs + (endMs - issuedAtMs) / 2);
}

/**
 * A third of the refresh token's life, or up to a fifth earlier: what was registered together does not come due
 * together for ever.
 */
function thirdOf({ attempt, issuedAtMs }: Lives, endMs: number): number {
  return issuedAtMs + ((endMs - issuedAtMs) / 3) * (1 - fractionOf(attempt) / 5);
}

/** A number from 0 to 1 that is the same for the same id, and spread evenly over ids (FNV-1a). */
function fractionOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  return hash / 0xffffffff;
}
