import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemoryLedger } from '../../support/fakes/memory-ledger.ts';
import type { StoreHooks } from '../../support/fakes/store-hooks.ts';
import { aRecord } from '../../support/records.ts';

const RACERS = 8;
const count = (record: CredentialRecord): CredentialRecord => ({
  ...record,
  publication: { ...record.publication, changes: (record.publication.changes ?? 1) + 1 },
});

describe('moving a credential', () => {
  it('saves what was decided, as the next revision, with a due time of its own', async () => {
    const { context, ledger } = open();
    const moved = await applyTransition(context, 'acme', (record) => ({ ...record, refreshAtMs: 7 }));
    assert.equal(moved?.revision, 2);
    assert.equal(moved?.dueAtMs, 7);
    assert.deepEqual(await ledger.load('acme'), JSON.parse(JSON.stringify(moved)));
  });

  it('saves nothing when there is nothing to do, and says what it found', async () => {
    const { context } = open();
    assert.equal((await applyTransition(context, 'acme', () => undefined))?.revision, 1);
    assert.equal(await applyTransition(context, 'unknown', count), undefined);
  });

  it('decides again on what another saved: of those who race, none is lost', async () => {
    const { context, ledger, clock } = open({ delay: () => Promise.resolve() });
    const racers = Promise.all(Array.from({ length: RACERS }, () => applyTransition(context, 'acme', count)));
    for (let round = 0; round < 100; round += 1) await clock.advance(20);
    await racers;
    assert.equal((await ledger.load('acme'))?.publication.changes, 1 + RACERS);
  });

  it('decides on what the caller saw, and again on the truth if that is old', async () => {
    const { context } = open();
    const seen = await context.ledger.load('acme');
    await applyTransition(context, 'acme', count);
    const moved = await applyTransition(context, 'acme', count, seen);
    assert.equal(moved?.publication.changes, 3);
  });

  it('rejects when the outcome of the save is unknown', async () => {
    const { context, ledger } = open({ faults: (operation) => (operation === 'save' ? 'after' : undefined) });
    await assert.rejects(applyTransition(context, 'acme', count), StoreUnavailableError);
    assert.equal((await ledger.load('acme'))?.publication.changes, 2);
  });
});

function open(hooks: StoreHooks = {}) {
  const clock = new ManualClock();
  const ledger = new MemoryLedger<CredentialRecord>({ hooks, items: [aRecord()] });
  let ids = 0;
  const random = { id: () => `id-${++ids}`, fraction: () => 0.5 };
  return { clock, ledger, context: { ledger, clock, random, timing: timing(1) } };
}
