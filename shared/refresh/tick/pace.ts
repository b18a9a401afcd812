import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';

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
 * `entries` are those of one quota, most urgent first; `nextTurnMs` is when the next turn comes. Returns
 * when each may start: at once when waiting for its turn would cost its token; undefined while there is no scarcity.
 */
export function startTimesMs(
  entries: readonly DueEntry[],
  nextTurnMs: number,
  nowMs: number,
  timing: Timing,
): readonly number[] | undefined {
  const paceMs = entries[0]?.quotaPaceMs ?? 0;
  if (paceMs === 0) return undefined;
  const isWaiting = ({ refreshAtMs = 0 }: DueEntry) => refreshAtMs <= nowMs;
  const waiting = entries.filter(isWaiting).length;
  if (waiting * paceMs <= timing.tickMs) return undefined;
  let turnMs = Math.max(nextTurnMs, nowMs) - paceMs;
  return entries.map((entry) => {
    if (!isWaiting(entry)) return nowMs;
    turnMs += paceMs;
    const hurried = (entry.deadlineMs ?? 0) < turnMs + HURRY_TICKS * timing.tickMs;
    return hurried ? nowMs : turnMs;
  });
}
