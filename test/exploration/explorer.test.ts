import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { exploreAsFar, exploreBySwitches } from './by-switches.ts';
import { drawOrder, parseReplay, renderReplay } from './drawing.ts';
import { type Exploration, explore } from './explore.ts';
import { MUTANTS } from './mutants.ts';
import { operator } from './parties.ts';
import { placesOf, replay } from './replay.ts';
import { shortest } from './shortest.ts';
import { sweep, type Task } from './sweep.ts';
import { listedWorlds } from './table.ts';
import type { WorldModel } from './world-model.ts';
import { WORLDS, worldNamed } from './worlds.ts';

const pause = (name: string) => operator(name, [{ action: 'pause', credential: CREDENTIAL }]);

const BUDGET_MS = 60_000;

/** Small worlds in which a party is told the same at different times. */
const FORGETFUL: readonly Omit<Task, 'budgetMs'>[] = [
  { world: 'lease-ends', faults: 0 },
  { world: 'lease-ends', faults: 1, kind: 'late answer' },
  { world: 'tick-and-pause', faults: 1, kind: 'freeze' },
  { world: 'one-permit', faults: 1, kind: 'freeze' },
  { world: 'one-permit', faults: 1, kind: 'late answer' },
];

const MIRRORED: readonly Omit<Task, 'budgetMs'>[] = [
  { world: 'two-ticks', faults: 1, kind: 'crash' },
  { world: 'two-ticks', faults: 1, kind: 'crash', mutant: 'blind-save' },
  { world: 'lease-ends', faults: 1, kind: 'lost answer' },
];

/** With a reduction and without it, each in a thread of its own. */
async function both(
  task: Omit<Task, 'budgetMs'>,
  without: Task['without'],
): Promise<readonly [Exploration, Exploration]> {
  const tasks = [task, { ...task, without }].map((one) => ({ ...one, budgetMs: BUDGET_MS }));
  const results = await sweep(tasks);
  const [reduced, whole] = [false, true].map((isWhole) =>
    results.find((result) => (result.without !== undefined) === isWhole),
  );
  assert.ok(reduced && whole);
  return [reduced.found, whole.found];
}

describe('the explorer', () => {
  // An order is made of errors that somebody expects; where they came from is of no interest.
  const { stackTraceLimit } = Error;
  before(() => {
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it('goes through all orders of a small world, to its end', async () => {
    const found = await explore(worldNamed('tick-and-pause'), { faults: 0 });
    assert.equal(found.violation, undefined);
    assert.equal(found.isComplete, true);
    assert.ok(found.orders > 1 && found.states > found.deepest, JSON.stringify(found));
  });

  it('comes to the same verdicts without its reductions', async () => {
    const pauses: WorldModel = {
      ...worldNamed('tick-and-pause'),
      parties: [pause('one'), pause('other')],
    };
    const alter = MUTANTS.find(({ name }) => name === 'blind-save')?.alter;
    for (const rules of [{ faults: 0 }, { faults: 0, alter }]) {
      const reduced = await explore(pauses, rules);
      const whole = await explore(pauses, { ...rules, reduces: false, merges: false });
      const verdicts = [reduced, whole].map(({ violation, isComplete }) => [violation?.what, isComplete]);
      assert.deepEqual(verdicts[1], verdicts[0]);
      assert.ok(
        whole.violation || whole.orders > reduced.orders,
        `${whole.orders} orders, ${reduced.orders} of them told apart`,
      );
    }
  });

  it('comes to the same ends when it tells apart when a party was told what it knows', async () => {
    for (const task of FORGETFUL) {
      const [forgetful, whole] = await both(task, { forgets: false });
      const verdicts = [forgetful, whole].map(({ violation, isComplete, ends }) => [
        violation,
        isComplete,
        ends,
      ]);
      assert.deepEqual(verdicts[1], verdicts[0], task.world);
      assert.ok(whole.states > forgetful.states, `${task.world}: ${whole.states} states`);
      assert.ok(whole.compared > 0 && whole.unequal.length === 0, whole.unequal[0] ?? 'nothing was compared');
    }
  });

  it('comes to the same verdicts when each of two equal parties is struck first', async () => {
    for (const task of MIRRORED) {
      const [mirrored, whole] = await both(task, { mirrors: false });
      assert.deepEqual(whole.isComplete, mirrored.isComplete);
      assert.equal(whole.violation === undefined, mirrored.violation === undefined);
      assert.ok(whole.violation || whole.states > mirrored.states);
    }
  });

  it('comes to the same ends when the orders with few switches go first', async () => {
    for (const [name, rules] of [
      ['two-ticks', { faults: 0 }],
      ['lease-ends', { faults: 0 }],
      ['tick-and-resume', { faults: 1, kinds: ['crash'] }],
    ] as const) {
      const world = worldNamed(name);
      const [whole, bySwitches] = [await explore(world, rules), await exploreBySwitches(world, rules)];
      assert.deepEqual([bySwitches.isComplete, bySwitches.ends], [true, whole.ends], name);
    }
  });

  it('finds what is broken with the fewest switches, and says how many break nothing', async () => {
    const world = worldNamed('two-ticks');
    const alter = MUTANTS.find(({ name }) => name === 'blind-save')?.alter;
    const { violation, switches } = await exploreBySwitches(world, { faults: 0, alter });
    const turns = violation?.steps.map((step) => step.split(':')[0]) ?? [];
    const changes = turns.filter((turn, place) => place > 0 && turn !== turns[place - 1]).length;
    assert.equal(changes, 1, violation?.steps.join('\n'));
    assert.equal(switches, 0);
  });

  it('goes by the number of switches once half of the budget is used up', async () => {
    const world = worldNamed('two-ticks');
    const found = await exploreAsFar(world, { faults: 0, budgetMs: 0 });
    assert.deepEqual([found.isComplete, found.switches], [false, -1]);
    const whole = await exploreAsFar(world, { faults: 0, budgetMs: BUDGET_MS });
    assert.deepEqual([whole.isComplete, whole.switches], [true, undefined]);
  });

  it('takes exactly the order that it has reported once more', async () => {
    const [mutant] = MUTANTS.filter(({ name }) => name === 'blind-save');
    assert.ok(mutant);
    const world = worldNamed(mutant.world);
    const { violation } = await explore(world, mutant);
    assert.ok(violation);
    const found = await shortest(world, mutant);
    assert.ok(found);
    const { steps, what } = found;
    const places = parseReplay(renderReplay(await placesOf(world, mutant, steps)));
    assert.deepEqual(await replay(world, mutant, places), { steps, what });
    const drawn = drawOrder(world, steps, what);
    assert.match(drawn, /^ {4}A +B$/m);
    assert.equal(drawn.split('\n').length, steps.length + 3);
  });

  for (const mutant of MUTANTS) {
    it(`convicts the protocol ${mutant.name}, and shows the shortest order`, async () => {
      const world = worldNamed(mutant.world);
      const { violation } = await explore(world, { ...mutant, budgetMs: 60_000 });
      assert.match(violation?.what ?? 'acquitted', mutant.of);
      const short = await shortest(world, mutant);
      assert.match(short?.what ?? 'acquitted', mutant.of);
      assert.ok(short && violation);
    });
  }

  it('goes through the worlds that docs/reliability.md lists, and no others', async () => {
    const listed = await listedWorlds();
    const named = (faults: number) => listed.filter((row) => row.faults === faults).map(({ world }) => world);
    const all = WORLDS.map(({ name }) => name);
    assert.deepEqual(named(0), all);
    for (const faults of [1, 2])
      assert.deepEqual(
        named(faults),
        all.filter((name) => named(faults).includes(name)),
      );
  });
});
