import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amount, takesLong } from '../runner/amount.ts';
import type { Population } from './population.ts';
import { simulate } from './simulate.ts';

const HOUR_MS = 3_600_000;
const DAYS = amount({ test: 1, prove: 3, variable: 'RENOVA_ON_DEMAND_DAYS' });
const MOST_WAIT_MS = 10_000;

/** Chains of BS2 on one quota of their own, each read every four hours: as a rule its token has expired by then. */
function chainsOf(provider: string, count: number): Population {
  return {
    count,
    provider,
    mode: 'on-demand',
    quota: { limit: 10, windowMs: 60_000 },
    accessLifeMs: 300_000,
    refreshLifeMs: 48 * HOUR_MS,
    statesRefreshLife: false,
    readers: { secrets: 0, read: 1, everyMs: 4 * HOUR_MS },
  };
}

async function assertAlive(mix: readonly Population[], days: number): Promise<void> {
  const options = { strategy: 'renova', env: 'prd', credentials: 1, faults: 'none', seed: 1 } as const;
  const { figures, details } = await simulate({ ...options, mix, days });
  const chains = mix.reduce((sum, { count }) => sum + count, 0);
  assert.equal(figures.credentials, chains);
  assert.equal(figures.chains_lost, 0);
  assert.equal(details.beyondLimit, 0);
  assert.equal(figures.dead_tokens_served, 0);
  assert.ok(details.reads > chains * days * 4, `${details.reads} reads`);
  // With readers every four hours, each read finds an expired token; a chain that none reads is kept alive.
  assert.ok(figures.refreshes > chains * days * 4, `${figures.refreshes} refreshes`);
  assert.ok(details.longestWaitWithRoomMs <= MOST_WAIT_MS, `${details.longestWaitWithRoomMs} ms`);
}

describe('chains on demand stay alive, and a reader has a new token within 10 s while there are permits', () => {
  it('100 on one quota', () => assertAlive([chainsOf('bank', 100)], DAYS));

  it('1,000 on one quota', { skip: takesLong }, () => assertAlive([chainsOf('bank', 1000)], DAYS));

  it('10,000 on ten quotas', { skip: takesLong }, () =>
    assertAlive(
      Array.from({ length: 10 }, (_, n) => chainsOf(`bank-${n}`, 1000)),
      DAYS / 3,
    ),
  );
});
