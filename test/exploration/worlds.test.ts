import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proving } from '../runner/amount.ts';
import { drawOrder } from './drawing.ts';
import type { Violation } from './explore.ts';
import { shortest } from './shortest.ts';
import { sweep, type Task, type TaskResult } from './sweep.ts';
import { listedStates, listedWorlds } from './table.ts';
import { tasksOf, wideTasksOf, worldNamed } from './worlds.ts';

/** CPU time for each: several times what the largest needs. */
const BUDGET_MS = 300_000;

/** Of the tasks for which there is a budget, those of so many states at most are gone through in `npm run prove`. */
const MOST_STATES = 100_000;

/** In `npm test`: what takes a few seconds in all. */
const SHORT: readonly Omit<Task, 'budgetMs'>[] = [
  { world: 'tick-and-pause', faults: 1 },
  { world: 'one-permit', faults: 1 },
  { world: 'tick-and-resume', faults: 1 },
  { world: 'tick-and-resume', faults: 2, kind: 'throttle' },
  { world: 'tick-and-update', faults: 1 },
  { world: 'two-ticks', faults: 1, kind: 'lost answer' },
  { world: 'two-ticks', faults: 1, kind: 'crash' },
  { world: 'tick-and-remove', faults: 1, kind: 'throttle' },
  { world: 'tick-and-register-again', faults: 1, kind: 'crash' },
  { world: 'token-expires', faults: 0 },
  { world: 'two-ticks', faults: 0 },
  { world: 'tick-and-reader', faults: 0 },
  { world: 'tick-and-force', faults: 0 },
  { world: 'tick-and-recover', faults: 0 },
  { world: 'tick-and-remove', faults: 0 },
  { world: 'lease-ends', faults: 0 },
  { world: 'permit-comes-free', faults: 0 },
];

const drawn = async ({ world, faults, kind }: TaskResult, violation: Violation) => {
  const kinds = kind && [kind];
  const { steps, what } = (await shortest(worldNamed(world), { faults, kinds })) ?? violation;
  return drawOrder(worldNamed(world), steps, what);
};

describe('in every order of the steps of the worlds that are said to be complete', () => {
  it('nothing is broken', async () => {
    const complete = (await listedWorlds()).filter(({ isComplete }) => isComplete);
    const isListed = ({ world, faults }: Task) =>
      complete.some((row) => row.world === world && row.faults === faults);
    const statesOf = await listedStates();
    const small = wideTasksOf(2 * BUDGET_MS).filter((task) => statesOf(task) <= MOST_STATES);
    const all = [...tasksOf(BUDGET_MS, statesOf), ...small].filter(isListed);
    const chosen = proving ? all : SHORT.map((task) => ({ ...task, budgetMs: BUDGET_MS }));
    const results = await sweep(chosen);
    assert.equal(results.length, chosen.length);
    for (const result of results) {
      const { world, faults, kind = 'no kind', found } = result;
      const order = found.violation && (await drawn(result, found.violation));
      assert.equal(order, undefined, `${world} with ${faults} faults, ${kind}`);
      assert.equal(found.isComplete, true, `${world} with ${faults} faults, ${kind}: no order is left`);
    }
  });
});
