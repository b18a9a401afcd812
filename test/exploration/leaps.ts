import { timing } from '../../shared/config/timing.ts';
import { occupied } from '../../shared/quota/permits.ts';
import { postsOf, type WorldState } from './world-state.ts';

export interface Leap {
  /** What has just happened then. */
  readonly what: string;
  /** Monotonic. */
  readonly untilMs: number;
}

const { dayMs } = timing(1);

/**
 * The moments ahead that could matter: the first of each kind, as far as they come before `beforeMs` (monotonic): what
 * is under way at such a moment goes on after it.
 */
export function leapsOf(state: WorldState, nowMs: number, beforeMs: number): Leap[] {
  const { stores, atMs } = state;
  const furthestMs = nowMs - atMs + beforeMs - 1;
  const first = new Map<string, number>();
  const at = (what: string, wallMs: number | undefined) => {
    if (wallMs === undefined || wallMs <= nowMs || wallMs >= furthestMs) return;
    first.set(what, Math.min(first.get(what) ?? Number.POSITIVE_INFINITY, wallMs));
  };
  for (const { attempt, pair, refreshAtMs, publication } of stores.ledger.items) {
    at('a lease ends', attempt?.leaseUntilMs);
    at('a token expires', pair?.expiresAtMs);
    at('a token has reached half its life', refreshAtMs);
    const slotMs = dayMs / publication.lanes;
    at('the slot of the day turns', (Math.floor(nowMs / slotMs) + 1) * slotMs);
  }
  for (const quota of stores.quota.items)
    for (const [, untilMs] of occupied(quota, nowMs)) at('the window of a permit has passed', untilMs);
  for (const { answerByMs, endedAtMs } of postsOf(state))
    if (endedAtMs === undefined) at('a post times out', nowMs - atMs + answerByMs);
  const moments = new Map<number, string>();
  for (const [what, wallMs] of first) {
    const before = moments.get(wallMs);
    moments.set(wallMs, before ? `${before}, ${what}` : what);
  }
  return [...moments].map(([wallMs, what]) => ({ what, untilMs: atMs + wallMs - nowMs + 1 }));
}
