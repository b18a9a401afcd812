import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import type { Priority } from '../../quota/quota.ts';

/** What fails goes behind what is well for so long; then its turn comes, or a scarce quota would never serve it. */
const PATIENCE_TICKS = 5;

/** For this part of the time from when it is due to its deadline a token leaves the permit that is held back to others … */
const TOKEN_WAITS = 1 / 2;
/** … and a chain on demand: as much as is left then is needed by all of them where a quota has just enough for them. */
export const KEPT_WAITS = 1 / 5;

/**
 * Who goes first when permits are scarce: a chain about to lapse before all, renewals before what only has something to
 * tell or to publish, healthy before failing, then the deadline that matters. Returns a comparison for sort.
 */
export function byUrgency(nowMs: number, timing: Timing): (a: DueEntry, b: DueEntry) => number {
  return (a, b) =>
    rank(a, nowMs, timing) - rank(b, nowMs, timing) ||
    (a.deadlineMs ?? 0) - (b.deadlineMs ?? 0) ||
    a.dueAtMs - b.dueAtMs;
}

/**
 * How a permit is asked for: `urgent` when it may not wait for the next tick but one, `lent` when it has waited for
 * a part of the time that it has for its refresh. Both may take the permit that is held back; readers wait for an urgent one alone.
 */
export function priorityOf(
  entry: DueEntry,
  nowMs: number,
  timing: Timing,
): Extract<Priority, 'urgent' | 'lent' | 'scheduled'> {
  if (isUrgent(entry, nowMs, timing)) return 'urgent';
  return hasWaited(entry, nowMs) && !isFailing(entry, nowMs, timing) ? 'lent' : 'scheduled';
}

/** True when so much of the time that it has for its refresh is over that it need not leave permits to others any more. */
export function hasWaited(entry: DueEntry, nowMs: number): boolean {
  const { deadlineMs = 0, refreshAtMs = 0 } = entry;
  const part = isKeptOnDemand(entry) ? KEPT_WAITS : TOKEN_WAITS;
  return nowMs > refreshAtMs + (deadlineMs - refreshAtMs) * part;
}

/** True when the entry may not wait for the next tick but one. */
function isUrgent(entry: DueEntry, nowMs: number, timing: Timing): boolean {
  const isLate = (entry.deadlineMs ?? 0) - nowMs < 2 * timing.tickMs;
  return isLapsing(entry, nowMs) || (isLate && !isFailing(entry, nowMs, timing));
}

/** True when a refresh of it is due; what is not waits for something else: a publish, a lease, something to tell. */
export function isRenewal({ refreshAtMs = 0 }: DueEntry, nowMs: number): boolean {
  return refreshAtMs <= nowMs;
}

/** True of a chain on demand: what it may not miss is the time from which its chain is about to lapse. */
export function isKeptOnDemand({ deadlineMs = 0, lapsingFromMs }: DueEntry): boolean {
  return deadlineMs === lapsingFromMs;
}

function rank(entry: DueEntry, nowMs: number, timing: Timing): number {
  if (!isRenewal(entry, nowMs)) return 3;
  if (isLapsing(entry, nowMs)) return 0;
  return isFailing(entry, nowMs, timing) ? 2 : 1;
}

/** It failed, and has not waited so long for its turn that it would never come. */
function isFailing({ failures = 0, refreshAtMs = 0 }: DueEntry, nowMs: number, { tickMs }: Timing): boolean {
  return failures > 0 && nowMs - refreshAtMs < PATIENCE_TICKS * tickMs;
}

function isLapsing({ lapsingFromMs }: DueEntry, nowMs: number): boolean {
  return lapsingFromMs !== undefined && nowMs >= lapsingFromMs;
}
