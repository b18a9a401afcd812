import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';

/**
 * Who goes first when permits are scarce: a chain about to lapse before all, healthy before failing, then
 * the earliest expiry. Returns a comparison for sort.
 */
export function byUrgency(nowMs: number, timing: Timing): (a: DueEntry, b: DueEntry) => number {
  const rank = (entry: DueEntry) => (isLapsing(entry, nowMs, timing) ? 0 : (entry.failures ?? 0) > 0 ? 2 : 1);
  return (a, b) => rank(a) - rank(b) || (a.expiresAtMs ?? 0) - (b.expiresAtMs ?? 0) || a.dueAtMs - b.dueAtMs;
}

/** True when the entry may not wait for the next tick but one: it may take the permit that is held back. */
export function isUrgent(entry: DueEntry, nowMs: number, timing: Timing): boolean {
  const expiresSoon = (entry.expiresAtMs ?? 0) - nowMs < 2 * timing.tickMs;
  return isLapsing(entry, nowMs, timing) || (expiresSoon && (entry.failures ?? 0) === 0);
}

function isLapsing(entry: DueEntry, nowMs: number, timing: Timing): boolean {
  return (
    entry.refreshTokenExpiresAtMs !== undefined &&
    entry.refreshTokenExpiresAtMs - nowMs < timing.lapseUrgentMs
  );
}
