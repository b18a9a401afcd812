import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takesLong } from '../runner/amount.ts';
import { drawOrder } from './drawing.ts';
import { easiest } from './easiest.ts';
import { explore } from './explore.ts';
import { worldNamed } from './worlds.ts';

/** CPU time for each: several times what they need. */
const BUDGET_MS = 120_000;

/** Gone through to their ends with every call answered. */
const COMPLETE = [
  'tick-and-pause',
  'tick-and-resume',
  'tick-and-update',
  'tick-and-recover',
  'tick-and-remove',
  'two-ticks',
  'two-clocks',
  'tick-and-force',
];

describe('in every order of the steps of', () => {
  for (const name of COMPLETE) {
    it(`${name}, without a fault, nothing is broken`, { skip: takesLong }, async () => {
      const world = worldNamed(name);
      const rules = { faults: 0, budgetMs: BUDGET_MS };
      const found = await explore(world, rules);
      const violation = found.violation && (await easiest(world, rules, found.violation));
      assert.equal(violation && drawOrder(world, violation.steps, violation.what), undefined);
      assert.equal(found.isComplete, true, 'no order is left');
    });
  }
});
