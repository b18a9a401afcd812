import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amount } from '../runner/amount.ts';
import { simulate } from './simulate.ts';

const DAYS = amount({ test: 0.03, prove: 1 });

describe('tokens that live for less than a minute, of which a tick comes once', () => {
  for (const seconds of [45, 50, 60]) {
    it(`have no expired second: ${seconds} s`, async () => {
      const { figures } = await simulate({
        strategy: 'renova',
        env: 'prd',
        credentials: 1,
        days: DAYS,
        faults: 'none',
        seed: 1,
        mix: [
          {
            count: 2,
            provider: 'bank',
            mode: 'fresh',
            accessLifeMs: seconds * 1000,
            refreshLifeMs: 172_800_000,
            statesRefreshLife: false,
            readers: { secrets: 1, read: 1, everyMs: 60_000 },
          },
        ],
      });
      assert.equal(figures.expired_seconds, 0);
      assert.equal(figures.chains_lost, 0);
      // Secrets Manager takes 2,000 versions of 20 lanes a day: what is renewed more often is at the read function alone.
      if (seconds >= 60) assert.equal(figures.version_quota_refusals, 0);
      assert.ok(figures.refreshes >= (2 * DAYS * 86_400) / seconds, `${figures.refreshes} refreshes`);
    });
  }
});
