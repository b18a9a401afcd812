import { LEAST_APART_TICKS, LEAST_LEFT_TICKS, SPARE_TICKS } from '../../config/tick-parts.ts';
import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';

/**
 * A lease is as long as ticks are apart. One that was taken as the last tick began ends moments after this one has
 * begun; found by the next one only, an attempt without a trace would cost its token.
 */
const AHEAD_TICKS = 0.1;

/**
 * Of what comes due during a tick, a renewal that is well waits for its own tick, unless its token would not outlive the
 * one after that.
 */
export function isOfThisTick(entry: DueEntry, startMs: number, timing: Timing): boolean {
  const { tickMs } = timing;
  const { dueAtMs, refreshAtMs = 0, deadlineMs = Number.POSITIVE_INFINITY, failures = 0 } = entry;
  if (refreshAtMs <= startMs) return true;
  if ((refreshAtMs === dueAtMs || isShort(entry, timing)) && failures === 0)
    return refreshAtMs < deadlineMs && deadlineMs < startMs + (1 + SPARE_TICKS) * tickMs;
  return dueAtMs <= startMs + AHEAD_TICKS * tickMs;
}

/**
 * A token of a minute is renewed 10 s before its end, not at half of its life: the lanes of a credential hold no more
 * than a version in 45 s for a day.
 */
export function beginsAtMs(entry: DueEntry, nowMs: number, timing: Timing): number {
  const { dueAtMs, refreshAtMs = 0, deadlineMs = 0, failures = 0 } = entry;
  const { tickMs } = timing;
  const windowMs = deadlineMs - refreshAtMs;
  const isInHand = refreshAtMs !== dueAtMs;
  if (failures > 0 || windowMs <= 0 || (isInHand && !isShort(entry, timing))) return dueAtMs;
  const wantedMs = Math.min(
    refreshAtMs - windowMs + LEAST_APART_TICKS * tickMs,
    deadlineMs - LEAST_LEFT_TICKS * tickMs,
  );
  const beginMs = Math.max(refreshAtMs, wantedMs);
  return isInHand && beginMs <= nowMs ? lookAgainAtMs(entry, dueAtMs, nowMs, timing) : beginMs;
}

/** True of a token that lives for so short a time that it is due again in the same tick. */
export function isShort({ deadlineMs = 0, refreshAtMs = 0 }: Partial<DueEntry>, { tickMs }: Timing): boolean {
  return deadlineMs > refreshAtMs && deadlineMs - refreshAtMs <= SPARE_TICKS * tickMs;
}

/**
 * When to look again at what another process has in hand until `untilMs`, as a rule the tick before: at the end of its
 * old token. When that lease ends, a new token of a minute would have ended too.
 */
export function lookAgainAtMs(entry: DueEntry, untilMs: number, nowMs: number, timing: Timing): number {
  const { deadlineMs = 0 } = entry;
  return isShort(entry, timing) && deadlineMs > nowMs ? Math.min(untilMs, deadlineMs) : untilMs;
}
