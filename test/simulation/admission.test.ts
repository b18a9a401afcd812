import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amount, proving, takesLong } from '../runner/amount.ts';
import { drawAdmitted } from './drawn-mix.ts';
import { type SimulationOptions, simulate } from './simulate.ts';

const DAYS = amount({ test: 0.1, prove: 1 });
/** Cheap ones that each showed a fault once: few permits, long windows, different lives. */
const SHORT = [3, 8, 14, 19, 21, 22, 23, 159, 168];
/** Of 440 that were drawn beside the first 60, those that had expired seconds or lost chains once. */
const FURTHER = [63, 81, 104, 119, 124, 132, 136, 159, 168, 309, 341, 344, 348, 365, 374, 418, 456, 470];
const SEEDS = proving ? [...Array.from({ length: 60 }, (_, index) => index + 1), ...FURTHER] : SHORT;
const usual = { strategy: 'renova', env: 'prd', credentials: 1 } as const;

async function assertFresh(options: SimulationOptions, of: string): Promise<void> {
  const { figures, details } = await simulate(options);
  assert.equal(figures.expired_seconds, 0, `expired ${of}`);
  assert.equal(details.beyondLimit, 0, `beyond the limit ${of}`);
  assert.equal(figures.throttled, 0, `throttled ${of}`);
  assert.equal(figures.chains_lost, 0, `lost ${of}`);
  assert.equal(figures.version_quota_refusals, 0, `version quota ${of}`);
}

describe('what registration accepts has no expired second where nothing fails', () => {
  for (const seed of SEEDS) {
    const mix = drawAdmitted(seed);
    const { quota } = mix[0] ?? {};
    const of = mix.map(({ count, mode, accessLifeMs }) => `${count} ${mode} of ${accessLifeMs / 1000} s`);
    if (!quota) continue;
    it(`${seed}: ${quota.limit} in ${quota.windowMs / 1000} s, ${of.join(', ')}`, () =>
      assertFresh({ ...usual, days: DAYS, faults: 'none', mix, seed }, `of seed ${seed}`));
  }
});

describe('up to the limit of 10 requests a minute', () => {
  const TO_THE_LIMIT = amount({ test: 0.05, prove: 2, variable: 'RENOVA_LIMIT_DAYS' });
  for (const [env, credentials, faults] of [
    ['prd', 48, ['slow-answers']],
    ['hml', 67, ['slow-answers']],
    ['prd', 48, ['slow-answers', 'uneven-ticks']],
    ['prd', 47, ['slow-answers', 'late-requests']],
    ['hml', 65, ['slow-answers', 'late-requests']],
  ] as const) {
    const skip = faults.length > 1 && takesLong;
    it(`${credentials} credentials of ${env} stay fresh under ${faults.join(' and ')}`, { skip }, () =>
      assertFresh({ ...usual, env, credentials, days: TO_THE_LIMIT, faults, seed: 7001 }, env),
    );
  }
});
