import { setTimeout as delay } from 'node:timers/promises';

const LOOK_AGAIN_MS = 200;

/**
 * Looks until `probe` returns something, and resolves with it; rejects after `withinMs` with `what` was
 * waited for and the last thing `seen`. Generous by default: a slow machine is no failure.
 */
export async function eventually<Found>(
  what: string,
  probe: (seen: (state: unknown) => void) => Promise<Found | undefined>,
  { withinMs = 120_000, everyMs = LOOK_AGAIN_MS } = {},
): Promise<Found> {
  const untilMs = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < untilMs) {
    const found = await probe((state) => {
      last = state;
    });
    if (found !== undefined) return found;
    await delay(everyMs);
  }
  throw new Error(`Waited ${withinMs} ms in vain: ${what}. Last seen: ${JSON.stringify(last)}`);
}
