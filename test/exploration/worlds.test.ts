import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proving } from '../runner/amount.ts';
import { drawOrder } from './drawing.ts';
import type { Violation } from './explore.ts';
import { shortest } from './shortest.ts';
import { sweep, type TaskResult } from './sweep.ts';
import { listedWorlds } from './table.ts';
import { worldNamed } from './worlds.ts';

/** CPU time for each: several times what those need that are gone through to their ends. */
const BUDGET_MS = 300_000;

/** In `npm test`: what takes a few seconds in all. */
const SHORT = [
  { world: 'tick-and-resume', faults: 1 },
  { world: 'tick-and-update', faults: 1 },
  { world: 'two-ticks', faults: 0 },
  { world: 'tick-and-reader', faults: 0 },
  { world: 'tick-and-force', faults: 0 },
  { world: 'tick-and-pause', faults: 0 },
  { world: 'tick-and-recover', faults: 0 },
  { world: 'tick-and-remove', faults: 0 },
  { world: 'lease-ends', faults: 0 },
  { world: 'one-permit', faults: 0 },
  { world: 'permit-comes-free', faults: 0 },
];

const drawn = async ({ world, faults }: TaskResult, violation: Violation) => {
  const { steps, what } = (await shortest(worldNamed(world), { faults })) ?? violation;
  return drawOrder(worldNamed(world), steps, what);
};

describe('in every order of the steps of the worlds that are said to be complete', () => {
  it('nothing is broken', async () => {
    const listed = (await listedWorlds()).filter(({ isComplete }) => isComplete);
    // Most of the time goes into those with a fault: they come first.
    const chosen = proving ? listed.sort((a, b) => b.faults - a.faults) : SHORT;
    const results = await sweep(chosen.map(({ world, faults }) => ({ world, faults, budgetMs: BUDGET_MS })));
    assert.equal(results.length, chosen.length);
    for (const result of results) {
      const { world, faults, found } = result;
      const order = found.violation && (await drawn(result, found.violation));
      assert.equal(order, undefined, `${world} with ${faults} faults`);
      assert.equal(found.isComplete, true, `${world} with ${faults} faults: no order is left`);
    }
  });
});
