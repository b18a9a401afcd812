import type { CredentialRecord } from '../credential/credential.ts';
import type { TokenResponse } from '../token-endpoint/token-endpoint.ts';

type Before = Pick<CredentialRecord, 'pair' | 'refreshTokenMs' | 'refreshTokenLifetime'>;
type Answer = Pick<TokenResponse, 'refreshToken' | 'refreshTokenExpiresInSeconds'>;

/**
 * When the refresh token ends that is held after an answer (epoch ms; undefined: not known, or there is none).
 * What the answer states (`refresh_token_expires_in`) counts before what was registered. By the lifetime:
 *
 *     of its own   a new refresh token begins anew, one that is not replaced keeps its end
 *     sliding      every refresh begins anew
 *     absolute     the earliest end ever known of this chain stays
 *
 * The end that registration gave a seed is a guess, so the first answer that states one corrects it.
 */
export function refreshTokenEndMs(before: Before, answer: Answer, sentAtMs: number): number | undefined {
  const { pair, refreshTokenMs, refreshTokenLifetime } = before;
  const had = pair?.sealedRefresh !== undefined;
  if (!had && !answer.refreshToken) return undefined;
  const statedMs = after(sentAtMs, answer.refreshTokenExpiresInSeconds, 1000);
  const anewMs = statedMs ?? after(sentAtMs, refreshTokenMs, 1);
  if (!had) return anewMs;
  const knownMs = pair.refreshTokenExpiresAtMs;
  switch (refreshTokenLifetime) {
    case 'sliding':
      return anewMs ?? knownMs;
    case 'absolute':
      if (pair.sealedAccess === undefined) return statedMs ?? knownMs ?? anewMs;
      return earliest(knownMs, statedMs) ?? anewMs;
    default:
      return answer.refreshToken ? anewMs : (statedMs ?? knownMs);
  }
}

function after(sentAtMs: number, life: number | undefined, unitMs: number): number | undefined {
  return life === undefined ? undefined : Math.floor(sentAtMs + life * unitMs);
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
