import type { CredentialRecord, SealedPair } from '../../credential/credential.ts';
import type { TokenResponse } from '../../token-endpoint/token-endpoint.ts';

type Before = Pick<CredentialRecord, 'pair' | 'refreshTokenMs' | 'refreshTokenLifetime'>;
/** `refreshToken` only if it is another than the one that was posted. */
type Answer = Pick<TokenResponse, 'refreshToken' | 'refreshTokenExpiresInSeconds'>;
type Life = Pick<SealedPair, 'refreshTokenExpiresAtMs' | 'refreshTokenSinceMs'>;

/**
 * An end that moves by no more than this has not moved: whole seconds, and the time that an answer takes. It has if it
 * moves by more than half of the time since the refresh before, however short that is: a life that begins anew moves
 * it by all of that time.
 */
const SAME_END_MS = 10_000;

/**
 * The life of the refresh token that is held after an answer: when it ends (epoch ms; undefined: not known, or there
 * is no refresh token), and since when it runs, for the warnings before its end.
 */
export function refreshTokenLife(before: Before, answer: Answer, sentAtMs: number): Life {
  const endMs = endOf(before, answer, sentAtMs);
  if (endMs === undefined) return {};
  const { pair } = before;
  const knownMs = pair?.refreshTokenExpiresAtMs;
  const goesOn =
    pair && knownMs !== undefined && Math.abs(endMs - knownMs) <= sameEndMs(sentAtMs - pair.issuedAtMs);
  const sinceMs = goesOn ? (pair.refreshTokenSinceMs ?? pair.issuedAtMs) : sentAtMs;
  return { refreshTokenExpiresAtMs: endMs, ...(sinceMs !== sentAtMs && { refreshTokenSinceMs: sinceMs }) };
}

function sameEndMs(sinceRefreshMs: number): number {
  return Math.min(SAME_END_MS, Math.max(0, sinceRefreshMs / 2));
}

/**
 * What the answer states (`refresh_token_expires_in`) counts before what was registered. By the lifetime:
 *
 *     of its own   a new refresh token begins anew, one that is not replaced keeps its end
 *     sliding      every refresh begins anew
 *     absolute     the earliest end ever known of this chain stays
 *
 * The end that registration gave a seed is a guess, so the first answer that states one corrects it.
 */
function endOf(before: Before, answer: Answer, sentAtMs: number): number | undefined {
  const { pair, refreshTokenMs, refreshTokenLifetime } = before;
  const had = pair?.sealedRefresh !== undefined;
  if (!had && !answer.refreshToken) return undefined;
  const statedMs = after(sentAtMs, answer.refreshTokenExpiresInSeconds, 1000);
  const anewMs = statedMs ?? after(sentAtMs, refreshTokenMs, 1);
  if (!had) return anewMs;
  const knownMs = pair.refreshTokenExpiresAtMs;
  // The provider took it after its end: the end was wrong, and so was what was thought to move it.
  const isOver = knownMs !== undefined && sentAtMs >= knownMs;
  switch (refreshTokenLifetime) {
    case 'sliding':
      return anewMs ?? knownMs;
    case 'absolute':
      if (isOver) return statedMs;
      if (pair.sealedAccess === undefined) return statedMs ?? knownMs ?? anewMs;
      return earliest(knownMs, statedMs) ?? anewMs;
    default:
      return answer.refreshToken || isOver ? anewMs : (statedMs ?? knownMs);
  }
}

function after(sentAtMs: number, life: number | undefined, unitMs: number): number | undefined {
  return life === undefined ? undefined : Math.floor(sentAtMs + life * unitMs);
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
