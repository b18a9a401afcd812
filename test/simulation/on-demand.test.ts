import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amount, proving, takesLong } from '../runner/amount.ts';
import { chainsOnDemand, type Population } from './population.ts';
import { simulate } from './simulate.ts';

const DAYS = amount({ test: 1, prove: 3, variable: 'RENOVA_ON_DEMAND_DAYS' });
const MOST_WAIT_MS = 10_000;

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
  it('100 on one quota', () => assertAlive([chainsOnDemand('bank', 100)], DAYS));

  it('1,000 on one quota', () => assertAlive([chainsOnDemand('bank', 1000)], proving ? DAYS : DAYS / 4));

  it('10,000 on ten quotas', { skip: takesLong }, () =>
    assertAlive(
      Array.from({ length: 10 }, (_, n) => chainsOnDemand(`bank-${n}`, 1000)),
      DAYS / 3,
    ),
  );
});
