import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { drawOrder, parseReplay, renderReplay } from './drawing.ts';
import { explore } from './explore.ts';
import { MUTANTS } from './mutants.ts';
import { operator } from './parties.ts';
import { placesOf, replay } from './replay.ts';
import { shortest } from './shortest.ts';
import { listedWorlds } from './table.ts';
import type { WorldModel } from './world-model.ts';
import { WORLDS, worldNamed } from './worlds.ts';

const pause = (name: string) => operator(name, [{ action: 'pause', credential: CREDENTIAL }]);

describe('the explorer', () => {
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
      assert.ok(short && violation && short.steps.length <= violation.steps.length);
    });
  }

  it('goes through the worlds that docs/reliability.md lists, and no others', async () => {
    const listed = await listedWorlds();
    const named = (faults: number) => listed.filter((row) => row.faults === faults).map(({ world }) => world);
    const all = WORLDS.map(({ name }) => name);
    assert.deepEqual(named(0), all);
    assert.deepEqual(
      named(1),
      all.filter((name) => named(1).includes(name)),
    );
  });
});
