import { GUARD_TICKS } from '../../config/tick-parts.ts';
import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { hasWaited, isKeptOnDemand, KEPT_WAITS } from './order.ts';

/** Tokens with less left than this part of a tick when their turn comes do not wait for it. */
const HURRY_TICKS = 0.06;

/**
 * Spreads requests over the window when more credentials of one quota are due than it serves in a tick.
 * Permits that are taken together come free together, so a burst would return for ever: ten credentials
 * would be renewed a whole window early, and others a window late, after they expired.
 *
 *     in bursts   ##########..........................##########      every 5th burst: 315 s, too late
 *     in turn     #...#...#...#...#...#...#...#...#...#...#...#.      44 × 6.3 s = 277 s, in time
 *
 * `entries` are those of one quota, most urgent first; `nextTurnMs` is when the next turn comes; `asking` are so many
 * that were taken out and have not heard yet whether there is a permit. Returns
 * when each may start: at once when waiting for its turn would cost its token; undefined while there is no scarcity.
 */
export function startTimesMs(
  entries: readonly DueEntry[],
  nextTurnMs: number,
  nowMs: number,
  timing: Timing,
  asking = 0,
): readonly number[] | undefined {
  const paceMs = entries[0]?.quotaPaceMs ?? 0;
  if (paceMs === 0) return undefined;
  const isWaiting = ({ refreshAtMs = 0 }: DueEntry) => refreshAtMs <= nowMs;
  const waiting = entries.filter(isWaiting).length;
  if ((waiting + asking) * paceMs <= timing.tickMs) return undefined;
  let turnMs = Math.max(nextTurnMs, nowMs) - paceMs;
  return entries.map((entry) => {
    if (!isWaiting(entry)) return nowMs;
    turnMs += paceMs;
    const hurried = (entry.deadlineMs ?? 0) < turnMs + HURRY_TICKS * timing.tickMs;
    return hurried ? nowMs : turnMs;
  });
}

/** What is left to a chain on demand when it need not leave permits to others any more (`leftOf`). */
const LEFT_OF_WAITED = (1 - KEPT_WAITS) / 2;
/** Lives that differ by no more than this part count as the same. */
const SAME_LIFE = 0.02;
/** Requests of a quota that is used up are so much further apart than its pace: an answer takes time too. */
const REAL_PACE = 1.15;

/**
 * The order of one quota whose permits are scarce. What ends first goes first, but tokens of short lives would then use
 * each permit as soon as they are due, and those of longer lives would come to their ends all together. So where no
 * token of a short life is in danger, one of a longer life goes before it: the one that has the least part of its life
 * left. A chain on demand, which has no token to lose, goes first when it has waited for a while: those that come due
 * together need all that tokens leave of the quota until their deadlines. `entries` come and go in order, the most urgent
 * first.
 */
export function sparing<Entry extends DueEntry>(
  entries: readonly Entry[],
  nowMs: number,
  timing: Timing,
): readonly Entry[] {
  const [first] = entries;
  const paceMs = (first?.quotaPaceMs ?? 0) * REAL_PACE;
  const waiting = entries.filter((entry) => (entry.refreshAtMs ?? 0) <= nowMs && lifeOf(entry) > 0);
  if (!first || paceMs === 0 || waiting[0] !== first) return entries;
  const shortestMs = Math.min(...waiting.map(lifeOf));
  let chosen: Entry | undefined;
  let slackMs = Number.POSITIVE_INFINITY;
  let tokens = 0;
  for (const entry of waiting) {
    const isToken = !isKeptOnDemand(entry);
    if (isToken) {
      tokens += 1;
      slackMs = Math.min(slackMs, (entry.deadlineMs ?? 0) - nowMs - tokens * paceMs);
    }
    const isLonger = lifeOf(entry) > shortestMs * (1 + SAME_LIFE);
    const isLater = isKeptOnDemand(first) && leftOf(entry, nowMs) >= leftOf(first, nowMs);
    const mayGoFirst = isToken || (hasWaited(entry, nowMs) && !isLater);
    if (isLonger && mayGoFirst && (!chosen || leftOf(entry, nowMs) < leftOf(chosen, nowMs))) chosen = entry;
  }
  if (!chosen || chosen === first || slackMs < guardMs(chosen, nowMs, timing)) return entries;
  return [chosen, ...entries.filter((entry) => entry !== chosen)];
}

/**
 * How close to its end a token may come when `entry` goes before it: the less time is left to a chain on demand, the
 * closer, as long as an attempt has time.
 */
function guardMs(entry: DueEntry, nowMs: number, { tickMs }: Timing): number {
  const part = isKeptOnDemand(entry) ? leftOf(entry, nowMs) / LEFT_OF_WAITED : 1;
  return Math.max(part * GUARD_TICKS, HURRY_TICKS) * tickMs;
}

/** A token that is well is due at half of its life. */
function lifeOf({ deadlineMs = 0, refreshAtMs = 0 }: DueEntry): number {
  return 2 * (deadlineMs - refreshAtMs);
}

/** The part of its life that is left. */
function leftOf(entry: DueEntry, nowMs: number): number {
  return ((entry.deadlineMs ?? 0) - nowMs) / lifeOf(entry);
}
