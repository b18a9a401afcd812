import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerRecord } from '../../shared/ledger/ledger.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { ConflictError, StoreUnavailableError } from '../../shared/table/table.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';
import type { HookPoint, StoreHooks } from '../support/fakes/store-hooks.ts';

const NAME = 'renova/hml/acme/token/0';
const value = new Secret('fake-secret-1');
const item = { credential: 'acme', revision: 1, writer: 'first' };

describe('a fault on demand in an in-memory store', () => {
  const calls: Record<string, (open: Stores) => Promise<unknown>> = {
    'load acme': ({ ledger }) => ledger.load('acme'),
    'save acme': ({ ledger }) => ledger.save(item),
    'due ': ({ ledger }) => ledger.due(1, 1),
    'list ': ({ ledger }) => ledger.list()[Symbol.asyncIterator]().next(),
    [`get ${NAME}`]: ({ secrets }) => secrets.get(NAME),
    [`put ${NAME}`]: ({ secrets }) => secrets.put(NAME, value),
    [`create ${NAME}`]: ({ secrets }) => secrets.create(NAME, value),
    [`remove ${NAME}`]: ({ secrets }) => secrets.remove(NAME, 7),
  };
  for (const point of ['before', 'after'] as const) {
    for (const [call, act] of Object.entries(calls)) {
      test(`"${call}" can fail ${point} its effect, and only it`, async () => {
        const stores = openStores({ faults: (...asked) => (asked.join(' ') === call ? point : undefined) });
        await assert.rejects(act(stores), StoreUnavailableError);
        for (const [other, actOther] of Object.entries(calls)) {
          if (other !== call) assert.equal(await isUnavailable(actOther(stores)), false);
        }
      });
    }
  }

  for (const [point, stored] of [
    ['before', undefined],
    ['after', item],
  ] as const) {
    test(`a save that fails ${point} its effect has ${stored ? '' : 'not '}been stored`, async () => {
      const { ledger } = openStores({ faults: failing('save', point) });
      await assert.rejects(ledger.save(item), StoreUnavailableError);
      assert.deepEqual(ledger.items(), stored ? [stored] : []);
    });
  }

  test('a lost answer hides a conflict too', async () => {
    let fault: HookPoint | undefined;
    const { ledger } = openStores({ faults: () => fault });
    await ledger.save(item);
    const rival = { ...item, writer: 'rival' };
    await assert.rejects(ledger.save(rival), ConflictError);
    fault = 'after';
    await assert.rejects(ledger.save(rival), StoreUnavailableError);
  });

  test('a put that fails after its effect is found under its request token, before its effect it is not', async () => {
    let fault: HookPoint | undefined;
    const { secrets } = openStores({ faults: () => fault });
    await secrets.create(NAME, value);
    for (fault of ['before', 'after'] as const) {
      await assert.rejects(secrets.put(NAME, value, { requestToken: fault }), StoreUnavailableError);
    }
    fault = undefined;
    assert.equal(await secrets.get(NAME, 'before'), undefined);
    assert.equal((await secrets.get(NAME))?.versionId, 'after');
  });
});

describe('a delay on demand in an in-memory store', () => {
  test('decides which of two savers comes first', async () => {
    const gate = Promise.withResolvers<void>();
    let saves = 0;
    const { ledger } = openStores({
      delay: (operation, _, point) =>
        operation === 'save' && point === 'before' && ++saves === 1 ? gate.promise : undefined,
    });
    const slow = ledger.save({ ...item, writer: 'slow' });
    await ledger.save({ ...item, writer: 'fast' });
    gate.resolve();
    await assert.rejects(slow, ConflictError);
    assert.equal((await ledger.load('acme'))?.writer, 'fast');
  });

  test('after the effect, others see it before its caller knows', async () => {
    const gate = Promise.withResolvers<void>();
    const { ledger } = openStores({
      delay: (operation, _, point) => (operation === 'save' && point === 'after' ? gate.promise : undefined),
    });
    let known = false;
    const saved = ledger.save(item).then(() => {
      known = true;
    });
    assert.deepEqual(await ledger.load('acme'), item);
    assert.equal(known, false);
    gate.resolve();
    await saved;
    assert.equal(known, true);
  });

  test('a put that is aborted on its way is given up at once, and still lands', async () => {
    const gate = Promise.withResolvers<void>();
    const { secrets } = openStores({
      delay: (operation, _, point) => (operation === 'put' && point === 'before' ? gate.promise : undefined),
    });
    await secrets.create(NAME, value);
    const abort = new AbortController();
    const put = secrets.put(NAME, value, { requestToken: 'sent', signal: abort.signal });
    abort.abort();
    await assert.rejects(put, StoreUnavailableError);
    assert.equal(await secrets.get(NAME, 'sent'), undefined);
    gate.resolve();
    await gate.promise;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await secrets.get(NAME))?.versionId, 'sent');
  });
});

interface Stores {
  readonly ledger: MemoryLedger<LedgerRecord>;
  readonly secrets: MemorySecretStore;
}

function openStores(hooks: StoreHooks): Stores {
  return {
    ledger: new MemoryLedger({ hooks }),
    secrets: new MemorySecretStore({ clock: new ManualClock(), hooks }),
  };
}

async function isUnavailable(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => false,
    (error: unknown) => error instanceof StoreUnavailableError,
  );
}

function failing(operation: string, point: HookPoint): NonNullable<StoreHooks['faults']> {
  return (asked) => (asked === operation ? point : undefined);
}
