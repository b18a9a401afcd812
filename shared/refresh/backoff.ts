import type { Timing } from '../config/timing.ts';
import { warningTimesMs } from '../credential/announcements.ts';
import type { CredentialRecord } from '../credential/credential.ts';

/**
 * How long to wait after the `count`-th failure in a row: from one tick, doubling up to 15 minutes, half
 * of it jitter (`fraction` from 0 to 1), so that credentials that failed together do not return together.
 */
export function backoffMs(count: number, timing: Timing, fraction: number): number {
  const longest = Math.min(timing.backoffMaxMs, timing.tickMs * 2 ** Math.min(count - 1, 16));
  return longest * (0.5 + fraction / 2);
}

/** `atMs`, or the next warning threshold or end of the refresh token, whichever comes first after `nowMs`. */
export function notPastThresholds(
  record: CredentialRecord,
  atMs: number,
  nowMs: number,
  timing: Timing,
): number {
  const endMs = record.pair?.refreshTokenExpiresAtMs;
  if (endMs === undefined) return atMs;
  const thresholds = [endMs, ...warningTimesMs(record, timing).map((warning) => warning.atMs)];
  return Math.min(atMs, ...thresholds.filter((thresholdMs) => thresholdMs > nowMs));
}
