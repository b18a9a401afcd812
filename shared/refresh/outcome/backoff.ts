import type { Timing } from '../../config/timing.ts';
import { warningTimesMs } from '../../credential/announcements.ts';
import type { CredentialRecord } from '../../credential/credential.ts';
import type { FailureOutcome } from '../../failure/failures.ts';
import type { RefreshContext } from '../context.ts';

/**
 * How long to wait after the `count`-th failure in a row: from one tick, doubling up to 15 minutes, half
 * of it jitter (`fraction` from 0 to 1), so that credentials that failed together do not return together.
 */
export function backoffMs(count: number, timing: Timing, fraction: number): number {
  const longest = Math.min(timing.backoffMaxMs, timing.tickMs * 2 ** Math.min(count - 1, 16));
  return longest * (0.5 + fraction / 2);
}

/**
 * When to try again after something that may pass by itself: soon the first time, then with patience. A provider that
 * says how long to wait (`retryAfterSeconds`) is asked once more after a tick, because one such answer may be a
 * mistake; if that answer is the same, its word counts. Nothing that it says is shorter than the back-off.
 */
export function retryAtMs(
  { clock, timing, random }: Pick<RefreshContext, 'clock' | 'timing' | 'random'>,
  record: CredentialRecord,
  retryAfterSeconds?: number,
): number {
  const before = record.failure?.count ?? 0;
  const nowMs = clock.nowMs();
  if (retryAfterSeconds === undefined) {
    const pauseMs = before === 0 ? timing.soonMs : backoffMs(before, timing, random.fraction());
    return notPastThresholds(record, nowMs + pauseMs, nowMs, timing);
  }
  const statedMs = Math.min(retryAfterSeconds * 1000, timing.throttleMaxMs);
  const isProbed = before > 0 && record.failure !== undefined && ASKS_TO_WAIT.has(record.failure.outcome);
  const asked = isProbed ? statedMs : Math.min(statedMs, timing.tickMs);
  const pauseMs = backoffMs(before + 1, timing, random.fraction());
  // What the provider has said twice is waited for, whatever threshold comes before its end.
  return nowMs + Math.max(asked, Math.min(pauseMs, timing.backoffMaxMs));
}

/** Outcomes that may come with a `Retry-After`. */
const ASKS_TO_WAIT: ReadonlySet<FailureOutcome> = new Set(['throttled', 'unknown', 'refused']);

/** `atMs`, or the next warning threshold or end of the refresh token, whichever comes first after `nowMs`. */
function notPastThresholds(record: CredentialRecord, atMs: number, nowMs: number, timing: Timing): number {
  const endMs = record.pair?.refreshTokenExpiresAtMs;
  if (endMs === undefined) return atMs;
  const thresholds = [endMs, ...warningTimesMs(record, timing).map((warning) => warning.atMs)];
  return Math.min(atMs, ...thresholds.filter((thresholdMs) => thresholdMs > nowMs));
}
