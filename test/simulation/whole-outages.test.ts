import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amount, takesLong } from '../runner/amount.ts';
import type { CallSite } from './faults/faults.ts';
import { type OutageOptions, WholeOutage } from './faults/whole-outage.ts';
import { type Simulated, simulate } from './simulate.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const AFTER_MS = 30 * MINUTE_MS;
const CREDENTIALS = 3;
/** From the return of a service to a new token of every credential: two ticks, and the requests' time. */
const BACK_MS = 3 * MINUTE_MS;

/** How long a store or the bus is away. */
const LONG_HOURS = amount({ test: 4, prove: 24 });

describe('a service that is away altogether', () => {
  it(`Secrets Manager takes no writes for ${LONG_HOURS} hours: no chain ends, and the read function always has a live token`, async () => {
    const isWrite = ({ port, operation }: CallSite) => port === 'vault' && operation !== 'get';
    const { figures, details } = await outage({ of: isWrite, forMs: LONG_HOURS * HOUR_MS });
    assertNothingLost(figures);
    assert.equal(figures.expired_seconds, 0);
    assert.ok(figures.refreshes >= CREDENTIALS * LONG_HOURS * 12, `only ${figures.refreshes} refreshes`);
    assert.ok(details.reads > 40 * LONG_HOURS, `only ${details.reads} reads`);
  });

  it('DynamoDB is away for an hour: tokens expire meanwhile, and are back within minutes', async () => {
    const isDynamoDb = ({ port }: CallSite) => port === 'ledger' || port === 'quota';
    const forMs = HOUR_MS;
    const { figures } = await outage({ of: isDynamoDb, forMs });
    assertNothingLost(figures);
    assert.ok(figures.expired_seconds > 0, 'an access token of 5 minutes does not live for an hour');
    assert.ok(
      figures.expired_seconds * 1000 < CREDENTIALS * (forMs + BACK_MS),
      `${figures.expired_seconds} s`,
    );
  });

  it(`the event bus takes nothing for ${LONG_HOURS} hours: tokens go on all the same`, async () => {
    const { figures } = await outage({ of: ({ port }) => port === 'events', forMs: LONG_HOURS * HOUR_MS });
    assertNothingLost(figures);
    assert.equal(figures.expired_seconds, 0);
  });

  it('the provider is away for 47 hours: no chain ends, and every warning is in time', {
    skip: takesLong,
  }, async () => {
    const { figures } = await outage({ of: 'the provider', forMs: 47 * HOUR_MS });
    assertNothingLost(figures);
    assert.ok(figures.expired_seconds * 1000 < CREDENTIALS * (47 * HOUR_MS + 20 * MINUTE_MS));
    assert.ok(
      figures.max_lapse_warning_delay_seconds <= 61,
      `${figures.max_lapse_warning_delay_seconds} s late`,
    );
  });

  it('the provider is away for 49 hours: each chain ends once, after every warning, and a person begins the next', async () => {
    const { figures, details } = await outage({ of: 'the provider', forMs: 49 * HOUR_MS });
    assert.equal(figures.chains_lost, CREDENTIALS);
    assert.equal(new Set(details.losses.map(({ credential }) => credential)).size, CREDENTIALS);
    assert.equal(figures.dead_tokens_served, 0);
    assert.ok(
      figures.max_lapse_warning_delay_seconds <= 61,
      `${figures.max_lapse_warning_delay_seconds} s late`,
    );
  });
});

function assertNothingLost({
  chains_lost,
  dead_tokens_served,
  throttled,
  version_quota_refusals,
}: Simulated['figures']) {
  assert.deepEqual([chains_lost, dead_tokens_served, throttled, version_quota_refusals], [0, 0, 0, 0]);
}

/** A run with an hour to spare after the outage. */
async function outage(options: Omit<OutageOptions, 'afterMs'>): Promise<Simulated> {
  let faults: WholeOutage | undefined;
  const simulated = await simulate({
    strategy: 'renova',
    env: 'prd',
    credentials: CREDENTIALS,
    days: (AFTER_MS + options.forMs + HOUR_MS) / (24 * HOUR_MS),
    seed: 1,
    faults: (timeline) => {
      faults = new WholeOutage(timeline, { ...options, afterMs: AFTER_MS });
      return faults;
    },
  });
  assert.ok(faults && faults.met > 0, 'somebody met the outage');
  return simulated;
}
