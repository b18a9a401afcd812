import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultOf } from '../../../shared/credential/record-fault.ts';
import { amount } from '../../runner/amount.ts';
import { type Damage, damagesOf } from '../../support/damage.ts';
import { AdminWorld } from './admin-world.ts';

/** Every so many of all cases. */
const EVERY = amount({ test: 11, prove: 1 });

async function withDamage({ apply }: Pick<Damage, 'apply'>): Promise<AdminWorld> {
  const admin = new AdminWorld();
  for (const id of ['damaged', 'well']) await admin.register(id);
  const record = await admin.record('damaged');
  await admin.world.ledger.save({ ...apply(record), revision: record.revision + 1, writer: 'a-hand' });
  return admin;
}

describe('an operator beside a damaged record', async () => {
  const sample = new AdminWorld();
  await sample.register('damaged');
  const drawn = damagesOf(await sample.record('damaged')).filter((_, place) => place % EVERY === 0);

  it(`sees, counts and keeps all others: ${drawn.length} cases`, async () => {
    for (const damage of drawn) {
      const { what } = damage;
      const admin = await withDamage(damage);
      const isSeen = faultOf(await admin.record('damaged')) !== undefined;
      const idsOf = ({ credentials }: { credentials: { credential: string }[] }) =>
        credentials.map(({ credential }) => credential);
      assert.deepEqual(idsOf(await admin.do({ action: 'list' })), ['damaged', 'well'], what);
      const shown = await admin.do({ action: 'status', credential: 'damaged' });
      if (isSeen) assert.deepEqual([shown.outcome, shown.reason], ['not-ready', 'damaged-record'], what);
      assert.ok(idsOf(await admin.do({ action: 'export' })).includes('well'), what);
      assert.ok((await admin.do({ action: 'capacity' })).quotas.length > 0, what);
      assert.equal((await admin.do({ action: 'recover' })).credentials.length, 2, what);
      assert.equal((await admin.do({ action: 'status', credential: 'well' })).state, 'active', what);
    }
  });

  it('can remove it, and register it anew above the generations that were published', async () => {
    for (const damage of drawn) {
      const { what } = damage;
      const admin = await withDamage(damage);
      assert.equal((await admin.do({ action: 'remove', credential: 'damaged' })).state, 'removed', what);
      const again = await admin.register('damaged');
      assert.equal(again.state, 'active', what);
      assert.ok(Number.isSafeInteger(again.generation), what);
      assert.equal(faultOf(await admin.record('damaged')), undefined, what);
    }
  });
});
