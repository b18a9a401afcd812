import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takesLong } from '../runner/amount.ts';
import { WholeOutage } from './faults/whole-outage.ts';
import {
  both,
  everythingIsGarbled,
  lapseByTheClock,
  lapseOnOneAnswer,
  publishBeforeKeep,
  publishNothing,
  refuseEverybody,
  withLedgerThatRefusesPairs,
  withMinuteCounter,
  withoutBegin,
  withoutLease,
  withoutRescue,
} from './mutants.ts';
import { bs2Population } from './population.ts';
import { strictly } from './provider/strict-parsing.ts';
import { type SimulationOptions, simulate } from './simulate.ts';
import type { Timeline } from './timeline.ts';

const MINUTE_MS = 60_000;

import type { Alter } from './strategies/renova.ts';

const storm = { strategy: 'renova', env: 'prd', credentials: 6, days: 0.25, faults: 'storm' } as const;

async function avoidableLosses(options: SimulationOptions): Promise<number> {
  const { chains_lost, chains_lost_unavoidably } = (await simulate(options)).figures;
  return chains_lost - chains_lost_unavoidably;
}

/** The verdict on a mutant counts only if the whole protocol is acquitted of the same. */
async function assertConvicted(mutant: Partial<SimulationOptions>, seed: number, original = {}) {
  assert.equal(await avoidableLosses({ ...storm, seed, ...original }), 0, 'the original is acquitted');
  assert.ok((await avoidableLosses({ ...storm, seed, ...mutant })) > 0, 'the mutant is convicted');
}

describe('the simulation convicts a protocol', () => {
  it('without begin, of chains lost (seed 7)', () => assertConvicted({ alter: withoutBegin }, 7));

  it('without the lease, of chains lost in a day (seed 4)', { skip: takesLong }, () =>
    assertConvicted({ days: 1, alter: withoutLease }, 4, { days: 1 }),
  );

  it('that publishes before it keeps, of chains lost (seed 2)', () =>
    assertConvicted({ alter: publishBeforeKeep }, 2));

  it('without rescue, of chains lost while the ledger refuses them (seed 2)', () => {
    const weather = withLedgerThatRefusesPairs(1_800_000, 180_000);
    const calm = { faults: 'none' } as const;
    return assertConvicted({ ...calm, alter: both(weather, withoutRescue) }, 2, { ...calm, alter: weather });
  });

  it('that parses answers as strictly as a library, of chains lost (seed 3)', () =>
    assertConvicted({ classify: strictly }, 3));

  it('that counts by the minute of the clock, of too many requests (seed 1)', async () => {
    const crowded = { ...storm, days: 0.1, credentials: 40, faults: 'none', seed: 1 } as const;
    const original = await simulate(crowded);
    const mutant = await simulate({ ...crowded, alter: withMinuteCounter() });
    assert.deepEqual([original.figures.throttled, original.figures.busiest_window <= 10], [0, true]);
    assert.ok(mutant.figures.throttled > 0 && mutant.figures.busiest_window > 10);
  });
});

/** Two hours and 24 minutes: 8,640 s. */
const calm = { strategy: 'renova', env: 'prd', credentials: 6, days: 0.1, seed: 1 } as const;

describe('the simulation convicts a reading of answers', () => {
  for (const [kind, seed] of [
    ['stray-refusal', 1],
    ['mass-refusal', 3],
  ] as const) {
    it(`that ends a chain by one refusal, of chains lost (${kind}, seed ${seed})`, () => {
      const original = { ...calm, faults: [kind] } as const;
      return assertConvicted({ ...original, seed, alter: lapseOnOneAnswer }, seed, { ...original, seed });
    });
  }

  it('that keeps what holds no token as garbled, of chains lost (no-token, seed 1)', () => {
    const original = { ...calm, faults: ['no-token'] } as const;
    return assertConvicted({ ...original, classify: everythingIsGarbled }, 1, original);
  });

  it('that ends a chain by the clock, of chains lost (an outage beyond an end that was registered too early)', () => {
    const original = {
      ...calm,
      mix: [{ ...bs2Population('prd', 3), registeredRefreshLifeMs: 30 * MINUTE_MS }],
      faults: (timeline: Timeline) =>
        new WholeOutage(timeline, { of: 'the provider', afterMs: 10 * MINUTE_MS, forMs: 60 * MINUTE_MS }),
    } as const;
    return assertConvicted({ ...original, alter: lapseByTheClock }, 1, original);
  });
});

describe('the simulation convicts a strategy whose readers get nothing', () => {
  const wellRun = () => simulate({ ...calm, faults: 'none' });

  it('because it publishes nothing, of expired seconds at the secrets', async () => {
    const { figures } = await simulate({ ...calm, faults: 'none', alter: publishNothing });
    const { figures: original } = await wellRun();
    assert.deepEqual([original.expired_seconds_secrets, original.refused_reads], [0, 0]);
    assert.equal(figures.expired_seconds_secrets, calm.credentials * 8640);
    assert.ok(figures.refused_reads > 100, `${figures.refused_reads}`);
    // The read function has what the ledger has.
    assert.equal(figures.expired_seconds_read, 0);
  });

  it('because its doors refuse everybody, of expired seconds at both, and of each read', async () => {
    const { figures, details } = await simulate({ ...calm, faults: 'none', alterStrategy: refuseEverybody });
    const { figures: original, details: originalDetails } = await wellRun();
    assert.deepEqual([original.expired_seconds_read, original.refused_reads], [0, 0]);
    const allSeconds = calm.credentials * 8640;
    assert.deepEqual(
      [figures.expired_seconds_secrets, figures.expired_seconds_read],
      [allSeconds, allSeconds],
    );
    assert.ok(details.reads === 0 && originalDetails.reads > 100);
    assert.ok(figures.refused_reads > originalDetails.reads, `${figures.refused_reads}`);
  });
});

it('a refresh function that logs what it was told of is convicted of telling tokens', async () => {
  const run = (alter?: Alter) =>
    simulate({ strategy: 'renova', env: 'prd', credentials: 2, days: 0.05, faults: 'none', seed: 1, alter });
  const talkative = await run((context) => ({
    ...context,
    tokenEndpoint: {
      post: async (request, limits) => {
        const outcome = await context.tokenEndpoint.post(request, limits);
        context.log.info('posted', { refreshToken: request.refreshToken?.reveal() });
        return outcome;
      },
    },
  }));
  assert.ok(talkative.details.tokensTold > 0);
  assert.equal((await run()).details.tokensTold, 0);
});
