import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takesLong } from '../runner/amount.ts';
import {
  both,
  publishBeforeKeep,
  withLedgerThatRefusesPairs,
  withMinuteCounter,
  withoutBegin,
  withoutLease,
  withoutRescue,
} from './mutants.ts';
import type { Alter } from './renova.ts';
import { type SimulationOptions, simulate } from './simulate.ts';
import { strictly } from './strict-parsing.ts';

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
  it('without begin, of chains lost (seed 3)', () => assertConvicted({ alter: withoutBegin }, 3));

  it('without the lease, of chains lost in a day (seed 2)', { skip: takesLong }, () =>
    assertConvicted({ days: 1, alter: withoutLease }, 2, { days: 1 }),
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
