import type { Clock } from './clock.ts';

/**
 * How long ago `atMs` was (ms), for what a container keeps in its memory. By wall time: between two invocations Lambda
 * suspends the container, and its monotonic clock with it. A wall clock that was set back makes things old, not new.
 */
export function ageMs(clock: Clock, atMs: number): number {
  return Math.abs(clock.nowMs() - atMs);
}
