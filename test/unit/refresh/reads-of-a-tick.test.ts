import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { indexed } from '../../../shared/credential/indexed.ts';
import { SLICE } from '../../../shared/refresh/tick/inventory-round.ts';
import { CountingLedger } from '../../support/counting-ledger.ts';
import { AT_MS, aPair, aRecord } from '../../support/records.ts';
import { World } from '../../support/world.ts';

const DUE = 10;

/** A ledger with so many credentials that are well and not due for a day. */
async function registered(count: number, of: (n: number) => Partial<CredentialRecord> = () => ({})) {
  const world = new World();
  const ledger = new CountingLedger();
  const nowMs = world.clock.nowMs();
  const pair = aPair({
    issuedAtMs: nowMs - AT_MS,
    expiresAtMs: nowMs + 172_800_000,
    refreshTokenExpiresAtMs: nowMs + 1_728_000_000,
  });
  for (let n = 0; n < count; n += 1) {
    const credential = `well-${n}`;
    const record = aRecord({ credential, pair, refreshAtMs: nowMs + 86_400_000, quota: undefined, ...of(n) });
    await ledger.save(indexed({ ...record, credential }, world.timing));
  }
  for (let n = 0; n < DUE; n += 1) await world.seed(`due-${n}`, { publish: 'none', quota: undefined });
  for (const record of world.ledger.items()) await ledger.save({ ...record, revision: 1 });
  return { world, ledger, container: { ...world.newContainer(), ledger } };
}

/** What each of some ticks reads of the ledger. */
async function readsOfTicks(
  { world, ledger, container }: Awaited<ReturnType<typeof registered>>,
  ticks: number,
): Promise<number[]> {
  const reads: number[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    const [before, startMs] = [ledger.total, world.clock.monotonicMs()];
    await world.tick(container);
    reads.push(ledger.total - before);
    await world.clock.advance(Math.max(0, 60_000 - (world.clock.monotonicMs() - startMs)));
  }
  return reads;
}

describe('what a tick reads', () => {
  it('does not grow with what is registered', async () => {
    const [few, many] = [await registered(2 * SLICE), await registered(8 * SLICE)];
    const [ofFew, ofMany] = [await readsOfTicks(few, 6), await readsOfTicks(many, 6)];
    assert.equal(few.world.telemetry.total('RefreshesSucceeded') >= DUE, true, 'what is due is refreshed');
    assert.deepEqual(Math.max(...ofMany), Math.max(...ofFew));
    assert.ok(Math.max(...ofMany) <= SLICE + 8 * DUE, String(ofMany));
  });

  it('does not grow when many credentials of one provider fail together', async () => {
    const most = async (count: number) => {
      const some = await registered(count);
      some.world.endpoint.playAlways({ kind: 'unknown', reason: 'ECONNRESET' });
      const reads = await readsOfTicks(some, 6);
      assert.ok(some.world.events.accepted.some(({ type }) => type === 'Provider Failing'));
      return Math.max(...reads);
    };
    assert.equal(await most(8 * SLICE), await most(2 * SLICE));
  });

  it('comes to every record in the end: counts, quotas, and what the index has lost', async () => {
    const count = 3 * SLICE + 7;
    const quota = { key: 'far', limit: 1000, windowMs: 60_000 };
    const many = await registered(count, (n) => (n === count - 1 ? { quota } : {}));
    const last = `well-${count - 1}`;
    const lost = await many.ledger.load(last);
    assert.ok(lost);
    await many.ledger.save({ ...lost, dueAtMs: undefined, revision: lost.revision + 1 });
    await readsOfTicks(many, 11);
    const { telemetry } = many.world;
    assert.equal(telemetry.values('ActiveCredentials').at(-1), count + DUE);
    assert.equal(telemetry.values('QuotaDemanded', 'far').length > 0, true);
    assert.notEqual((await many.ledger.load(last))?.dueAtMs, undefined, 'repaired');
  });
});

describe('what is wrong', () => {
  it('is counted by the next inventory, however many are registered', async () => {
    const count = 3 * SLICE;
    const many = await registered(count, (n) => {
      const state = n % 3 === 0 ? 'paused' : n % 3 === 1 ? 'lapsed' : 'active';
      return n < count - 9 ? {} : { state };
    });
    many.world.endpoint.playAlways({ kind: 'unknown', reason: 'ECONNRESET' });
    await readsOfTicks(many, 1);
    const last = (name: Parameters<typeof many.world.telemetry.values>[0]) =>
      many.world.telemetry.values(name).at(-1);
    assert.equal(last('PausedCredentials'), 3);
    assert.equal(last('LapsedCredentials'), 3);
    assert.equal(last('FailingCredentials'), DUE);
    assert.equal(
      last('ExpiredCredentials'),
      DUE,
      'a credential that was never refreshed has no living token',
    );
    assert.equal(last('ActiveCredentials'), undefined, 'not before all are counted');
  });

  it('counts a fresh token that has expired with no failure noted', async () => {
    const world = new World();
    const quota = { key: 'closed', limit: 1, windowMs: 60_000 };
    await world.seed('acme', { quota });
    await world.container.quota.close(quota, world.clock.nowMs() + 3_600_000);
    await world.tick();
    assert.equal(world.telemetry.values('ExpiredCredentials').at(-1), 1);
    assert.equal(world.telemetry.values('FailingCredentials').at(-1), 0);
  });
});
