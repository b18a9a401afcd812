import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { amount } from '../runner/amount.ts';
import { crashTable, type Row } from './crash-table.ts';
import { FAULTS } from './faults.ts';
import { SCENARIOS } from './scenarios.ts';

/** Faults for each call. */
const EACH = amount({ test: 2, prove: FAULTS.length });

const rows: Row[] = [];

describe('a fault at any call, and ten minutes of ticks', () => {
  for (const scenario of SCENARIOS) {
    const { name, unsavable } = scenario;
    const costs =
      unsavable.length === 0 ? 'never costs the chain' : 'costs the chain only where nothing can save it';
    it(`${name}: ${costs}`, async () => {
      const table = await crashTable(scenario, EACH);
      const lost = table.filter(({ outcome }) => outcome === 'unsavable');
      rows.push(...table);
      const struck = table.map(nameOf);
      const expected = EACH === FAULTS.length ? unsavable : unsavable.filter((name) => struck.includes(name));
      assert.deepEqual(lost.map(nameOf).sort(), [...expected].sort());
    });
  }
  after(() => console.log(summary(rows)));
});

function nameOf({ step, fault }: Row): string {
  return `${step} × ${fault}`;
}

/** Steps × faults: how many cells came to what, over all scenarios. */
function summary(all: readonly Row[]): string {
  const steps = Map.groupBy(all, ({ step }) => step.replace(/ \(\d+\)$/, ''));
  const lines = [...steps].map(([step, cells]) => {
    const counts = FAULTS.map((fault) => count(cells.filter((cell) => cell.fault === fault)).padStart(14));
    return step.padEnd(26) + counts.join('');
  });
  const head = ' '.repeat(26) + FAULTS.map((fault) => fault.padStart(14)).join('');
  return [`lived / were lost unsavably, of ${all.length} cells`, head, ...lines].join('\n');
}

function count(cells: readonly Row[]): string {
  const lost = cells.filter(({ outcome }) => outcome === 'unsavable').length;
  return lost === 0 ? String(cells.length || '') : `${cells.length - lost} / ${lost}`;
}
