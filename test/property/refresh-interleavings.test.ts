import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { amount } from '../runner/amount.ts';
import { play, type Told } from './play.ts';
import { stories } from './story.ts';

/** `RENOVA_SEED` and `RENOVA_PATH` repeat what a failure printed. */
const RUNS = amount({ test: 120, prove: 10_000, variable: 'RENOVA_PROPERTY_RUNS' });
const SEED = Number(process.env.RENOVA_SEED ?? Date.now() % 1_000_000);
const PATH = process.env.RENOVA_PATH;

const looked = new Map<string, number>();
const ends = new Map<string, number>();

test('two or three refreshers, readers, an admin and crashes, in any order: I1 to I7', async (t) => {
  const property = fc.asyncProperty(fc.scheduler(), stories, async (scheduler, story) => {
    const told = await play(scheduler, story);
    const [violation] = told.witness.violations;
    if (violation) throw violation;
    await assertMended(told);
    for (const [name, count] of told.witness.looked) looked.set(name, (looked.get(name) ?? 0) + count);
  });
  t.diagnostic(`${RUNS} runs, seed ${SEED} (again with RENOVA_SEED=${SEED})`);
  await fc.assert(property, { seed: SEED, numRuns: RUNS, ...(PATH === undefined ? {} : { path: PATH }) });
  t.diagnostic(`checks: ${render(looked)}`);
  t.diagnostic(`ends: ${render(ends)}`);
  for (const name of ['I1', 'I2', 'I3', 'I5', 'I6', 'I7'])
    assert.ok(looked.get(name), `${name} was never looked at`);
});

/** I4: whatever happened, ten minutes without faults later everything is in order, or nothing could be saved. */
async function assertMended({ world, witness }: Told): Promise<void> {
  const { record, provider } = world;
  const { access, refresh } = await world.currentTokens();
  const end = record.state === 'lapsed' ? `lapsed, ${record.lapse?.reason}` : record.state;
  ends.set(end, (ends.get(end) ?? 0) + 1);
  if (record.state === 'removed') return;
  if (record.state === 'lapsed') {
    assert.equal(record.lapse?.afterUnknown, true, 'I4: a lapse that admits an unknown outcome');
    const next = [...provider.issued.values()].find(({ parent }) => parent === refresh?.reveal());
    assert.ok(
      next && witness.lost.has(next.token),
      'I4: nothing but a pair that nobody could save costs a chain',
    );
    return;
  }
  const [latest] = await world.published();
  assert.equal(record.state, 'active');
  assert.ok(provider.takes(refresh), `I4: the provider takes the refresh token of the ledger`);
  assert.ok(provider.accepts(access), 'I4: the access token is alive');
  assert.equal(latest?.access_token, access?.reveal(), 'I4: it is published');
  assert.equal(record.credential, CREDENTIAL);
}

function render(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}
