import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amount, takesLong } from '../runner/amount.ts';
import { bs2Population, type Population } from './population.ts';
import { simulate } from './simulate.ts';

const DAYS = amount({ test: 0.06, prove: 3 });
/** What 10 requests a minute keep fresh of tokens of 300 s, if no permit is ever late. */
const LIMIT = 50;

async function livingParts(mix: readonly Population[]) {
  const options = { strategy: 'renova', env: 'prd', credentials: 1, faults: 'none', seed: 1 } as const;
  const { figures, details } = await simulate({ ...options, mix, days: DAYS });
  assert.equal(figures.chains_lost, 0);
  assert.equal(figures.throttled, 0);
  const seconds = DAYS * 86_400;
  const living = [...details.expiredSecondsOf.values()].map((expired) => 1 - expired / seconds);
  return { living, figures };
}

function meanOf(parts: readonly number[]): number {
  return parts.reduce((sum, each) => sum + each, 0) / parts.length;
}

describe('with more always-fresh credentials than their quota can keep, no chain is lost', () => {
  for (const credentials of [60, 80]) {
    const skip = credentials > 60 && takesLong;
    it(`${credentials} on 10 a minute: the quota is used, and each gets its share`, { skip }, async () => {
      const { living } = await livingParts([bs2Population('prd', credentials)]);
      assert.equal(living.length, credentials);
      const mean = meanOf(living);
      assert.ok(mean > 0.95 * (LIMIT / credentials), `${mean} of the time`);
      assert.ok(Math.min(...living) > 0.95 * mean, `the worst ${Math.min(...living)}, of ${mean}`);
    });
  }

  it('what is about to lapse goes before tokens that have expired', async () => {
    const fresh = bs2Population('prd', 56);
    // Due after an hour, when all of the others wait too; from the second hour on it is about to lapse.
    const lapsing = { mode: 'on-demand', refreshLifeMs: 3 * 3_600_000, statesRefreshLife: true } as const;
    const readers = { secrets: 0, read: 0, everyMs: 240_000 };
    const { living } = await livingParts([fresh, { ...fresh, ...lapsing, readers, count: 10 }]);
    assert.ok(meanOf(living.slice(0, fresh.count)) < 0.95, 'the quota is too small');
  });
});
