import type { Timing } from '../config/timing.ts';
import type { SealedPair } from '../credential/credential.ts';

/** Of a short life no more than this part is given up: a token is good until `refresh_after`, which is half of it. */
const MARGIN_PART = 8;

/** True from moments before the end of the access token on: another clock may be ahead, and using it takes a moment. */
export function isExpired(pair: SealedPair, nowMs: number, timing: Timing): boolean {
  const lifeMs = pair.expiresAtMs - pair.issuedAtMs;
  return pair.expiresAtMs - nowMs <= Math.min(timing.expiryMarginMs, lifeMs / MARGIN_PART);
}
