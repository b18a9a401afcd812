import assert from 'node:assert/strict';
import { it } from 'node:test';
import { amount } from '../runner/amount.ts';
import { Afternoon, IDS } from './afternoon.ts';

const SEEDS = amount({ test: 5, prove: 300, variable: 'RENOVA_AFTERNOONS' });
/** Another first seed, to look at one that has failed. */
const FIRST = Number(process.env.RENOVA_AFTERNOON_SEED ?? 1012);
const MINUTES = 60;

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
  it(`an afternoon of random commands leaves every chain alive that nobody ended (seed ${seed})`, async () => {
    const afternoon = new Afternoon(seed);
    const { admin, day, typed } = afternoon;
    day.isStormy = false;
    for (const id of IDS) await admin.register(id);
    day.isStormy = true;
    for (let minute = 0; minute < MINUTES; minute += 1) await afternoon.minute();
    await afternoon.mend();

    for (const id of IDS) {
      const record = await admin.world.ledger.load(id);
      if (!record || record.state === 'removed') continue;
      const said = `seed ${seed}, ${id} is ${record.state} (${record.lapse?.reason}):\n${typed.join('\n')}`;
      // A registration with a mistyped token has no chain before it.
      if (record.generation === 0 || wasBornDead(typed, id)) continue;
      assert.ok(await admin.world.chainLives(id), said);
      assert.equal(record.state, 'active', said);
    }
  });
}

/** It was removed and registered anew with a token that no provider ever gave. */
function wasBornDead(typed: readonly string[], id: string): boolean {
  const of = typed.filter((line) => line.includes(`"credential":"${id}"`));
  const last = of.findLastIndex((line) => line.includes('"action":"register"'));
  const removal = of.findIndex((line) => line.includes('"action":"remove"'));
  return (
    removal >= 0 &&
    last > removal &&
    of.some((line, at) => at > removal && line.includes('"register"') && line.includes('mistyped'))
  );
}
