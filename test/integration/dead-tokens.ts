import type { Use } from '../support/workload.ts';

/** Both clocks are the machine's own, in whole milliseconds. */
const CLOCK_GRANULARITY_MS = 1;

/**
 * Dead tokens that nothing excuses: the read that brought one began when its successor had been published
 * (at `publishedAtMs`, by generation) already.
 */
export function unexcusedDeadTokens(
  uses: readonly Use[],
  publishedAtMs: ReadonlyMap<number, number>,
): readonly Use[] {
  return uses.filter(({ status, generation, readFromMs }) => {
    const successorAtMs = publishedAtMs.get(generation + 1) ?? Number.POSITIVE_INFINITY;
    return status === 401 && readFromMs > successorAtMs + CLOCK_GRANULARITY_MS;
  });
}

/** Tokens that were dead before their `refresh_after`: nobody may renew a credential before it unasked. */
export function brokenPromises(uses: readonly Use[]): readonly Use[] {
  return uses.filter(
    ({ status, usedUntilMs, refreshAfterMs }) =>
      status === 401 && usedUntilMs < refreshAfterMs - CLOCK_GRANULARITY_MS,
  );
}
