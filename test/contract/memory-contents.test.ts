import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerRecord } from '../../shared/ledger/ledger.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';

const NAME = 'renova/hml/acme/token/0';
const value = new Secret('fake-secret-1');
const item = { credential: 'acme', revision: 1, writer: 'first' };

describe('what an in-memory store holds', () => {
  test('an item given out or taken in cannot be changed from outside', async () => {
    const ledger = new MemoryLedger<LedgerRecord & { nested: { list: string[] } }>();
    const given = { ...item, nested: { list: ['kept'] } };
    await ledger.save(given);
    given.nested.list.push('added');
    const taken = await ledger.load('acme');
    assert.throws(() => taken?.nested.list.push('added'), TypeError);
    assert.deepEqual(taken?.nested.list, ['kept']);
  });

  test('a ledger made from the items of another is a backup of it', async () => {
    const ledger = new MemoryLedger<LedgerRecord>();
    await ledger.save(item);
    const backup = new MemoryLedger<LedgerRecord>({ items: ledger.items() });
    await ledger.save({ ...item, revision: 2 });
    assert.deepEqual(await backup.load('acme'), item);
  });

  test('a secret counts its versions, and a removed one has no name', async () => {
    const secrets = new MemorySecretStore({ clock: new ManualClock() });
    await secrets.create(NAME, value);
    await secrets.put(NAME, value);
    assert.equal(secrets.versionCount(NAME), 2);
    assert.deepEqual(secrets.names(), [NAME]);
    await secrets.remove(NAME, 7);
    assert.deepEqual(secrets.names(), []);
  });
});
