import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proving, takesLong } from '../runner/amount.ts';
import type { Population } from './population.ts';
import { simulate } from './simulate.ts';

const quota = { limit: 10, windowMs: 60_000 };
const common = { provider: 'bank', quota, accessLifeMs: 300_000, refreshLifeMs: 172_800_000 } as const;

function fresh(count: number): Population {
  const readers = { secrets: 0, read: 1, everyMs: 240_000 };
  return { ...common, count, mode: 'fresh', statesRefreshLife: false, readers };
}

/** `everyMs`: how often each is read; 0: never. */
function onDemand(count: number, everyMs: number): Population {
  const readers = { secrets: 0, read: everyMs === 0 ? 0 : 1, everyMs: everyMs || 240_000 };
  return { ...common, count, mode: 'on-demand', statesRefreshLife: false, readers };
}

const MINUTE_MS = 60_000;

/** What registration accepts on one quota of 10 a minute, of which readers and keep-alives once took the permits. */
describe('fresh tokens beside others on demand', () => {
  for (const [what, mix, days, isLong] of [
    ['30 beside 60 that are read every 5 minutes', [fresh(30), onDemand(60, 5 * MINUTE_MS)], 7 / 24, false],
    [
      '20 beside 200 that are read every 10 minutes',
      [fresh(20), onDemand(200, 10 * MINUTE_MS)],
      7 / 24,
      true,
    ],
    [
      '30 beside 600 that nobody reads and that were registered together',
      [fresh(30), onDemand(600, 0)],
      1.2,
      true,
    ],
  ] as const) {
    it(`have no expired second: ${what}`, { skip: isLong && takesLong }, async () => {
      const { figures, details } = await simulate({
        strategy: 'renova',
        env: 'prd',
        credentials: 1,
        mix,
        days: proving ? days : days / 8,
        faults: 'none',
        seed: 1,
      });
      assert.equal(figures.expired_seconds, 0);
      assert.equal(details.beyondLimit, 0);
      assert.equal(figures.chains_lost, 0);
    });
  }
});
