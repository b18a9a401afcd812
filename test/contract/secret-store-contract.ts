import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../../shared/secret/secret.ts';
import {
  MOST_SECRET_BYTES,
  RequestTokenReusedError,
  SecretNotFoundError,
} from '../../shared/secret-store/secret-store.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import { secretLifetimeRows } from './secret-lifetime-rows.ts';
import { create, fake, newName, read } from './secret-samples.ts';
import { type ContractOptions, rowsFor, type StoreUnderTest } from './secret-store-rows.ts';

const RACERS = 20;

/** The rules of `SecretStore`, for one adapter. `open` gives the store under test, empty or not. */
export function secretStoreContract(
  adapter: string,
  open: () => StoreUnderTest,
  options: ContractOptions = {},
): void {
  const row = rowsFor(adapter, open, options.lacks);

  describe(`a secret store on ${adapter}`, { skip: options.skip ?? false }, () => {
    row('a secret that does not exist reads as undefined', async ({ store }) => {
      assert.equal(await store.get(newName()), undefined);
      assert.equal(await store.get(newName(), randomUUID()), undefined);
    });

    row('a created secret reads as its first value; creating it again changes nothing', async ({ store }) => {
      const name = newName();
      assert.equal(await store.create(name, fake('a'), { description: 'd', tags: { app: 'renova' } }), true);
      assert.equal(await store.create(name, fake('b')), false);
      assert.equal(await read(store, name), 'fake-secret-a');
    });

    row('tags of a secret that is not there change nothing, and bring none back', async ({ store }) => {
      const name = newName();
      await store.retag(name, { set: { team: 'a' }, drop: ['b'] });
      assert.equal(await store.get(name), undefined);
      await store.create(name, fake('a'));
      await store.retag(name, { set: { team: 'a' }, drop: ['b'] });
      await store.remove(name, 7);
      await store.retag(name, { set: {}, drop: ['team'] });
      assert.equal(await store.get(name), undefined);
    });

    row('a put becomes the current version; every version reads by its id', async ({ store }) => {
      const name = await create(store);
      const requestToken = randomUUID();
      const before = await store.get(name);
      await store.put(name, fake('new'), { requestToken });
      const current = await store.get(name);
      assert.equal(current?.value.reveal(), 'fake-secret-new');
      assert.equal(current?.versionId, requestToken);
      assert.equal(await read(store, name, before?.versionId), 'fake-secret-first');
      assert.equal(await store.get(name, randomUUID()), undefined);
    });

    row(
      'a value that no version can hold is refused, and the one before stays',
      async ({ store }) => {
        const name = await create(store);
        const most = new Secret('x'.repeat(MOST_SECRET_BYTES));
        const over = new Secret('ã'.repeat(MOST_SECRET_BYTES / 2 + 1));
        await assert.rejects(store.put(name, over), StoreUnavailableError);
        await assert.rejects(store.create(newName(), over), StoreUnavailableError);
        assert.equal(await read(store, name), 'fake-secret-first');
        await store.put(name, most);
        assert.equal((await read(store, name))?.length, MOST_SECRET_BYTES);
      },
      'limit of size',
    );

    row('puts without a request token are versions of their own, even of one value', async ({ store }) => {
      const name = await create(store);
      await store.put(name, fake('same'));
      const first = (await store.get(name))?.versionId;
      await store.put(name, fake('same'));
      const second = (await store.get(name))?.versionId;
      assert.notEqual(first, second);
    });

    row('a put into a secret that does not exist rejects, and does not create it', async ({ store }) => {
      const name = newName();
      await assert.rejects(store.put(name, fake('x')), SecretNotFoundError);
      assert.equal(await store.get(name), undefined);
    });

    row('a put that arrives again changes nothing, even when a newer one came between', async ({ store }) => {
      const name = await create(store);
      const requestToken = randomUUID();
      await store.put(name, fake('old'), { requestToken });
      await store.put(name, fake('old'), { requestToken });
      await store.put(name, fake('newer'));
      await store.put(name, fake('old'), { requestToken });
      assert.equal(await read(store, name), 'fake-secret-newer');
    });

    row('a request token with another value rejects, and nothing is written', async ({ store }) => {
      const name = await create(store);
      const requestToken = randomUUID();
      await store.put(name, fake('one'), { requestToken });
      await assert.rejects(store.put(name, fake('two'), { requestToken }), RequestTokenReusedError);
      assert.equal(await read(store, name), 'fake-secret-one');
      assert.equal(await read(store, name, requestToken), 'fake-secret-one');
    });

    row('an aborted put rejects and writes nothing', async ({ store }) => {
      const name = await create(store);
      const options = { signal: AbortSignal.abort() };
      await assert.rejects(store.put(name, fake('x'), options), StoreUnavailableError);
      assert.equal(await read(store, name), 'fake-secret-first');
    });

    row('an aborted create rejects, and neither creates nor restores', async ({ store }) => {
      const [unknown, deleted] = [newName(), await create(store)];
      await store.remove(deleted, 7);
      for (const name of [unknown, deleted]) {
        const options = { signal: AbortSignal.abort() };
        await assert.rejects(store.create(name, fake('x'), options), StoreUnavailableError);
        assert.equal(await store.get(name), undefined);
      }
    });

    row(`of ${RACERS} that create one secret at once, exactly one is told so`, async ({ store }) => {
      const name = newName();
      const values = Array.from({ length: RACERS }, (_, index) => fake(String(index)));
      const created = await Promise.all(values.map((value) => store.create(name, value)));
      assert.equal(created.filter(Boolean).length, 1);
      assert.equal(await read(store, name), values[created.indexOf(true)]?.reveal());
    });

    row(`of ${RACERS} that put at once, all are kept and one is current`, async ({ store }) => {
      const name = await create(store);
      const tokens = Array.from({ length: RACERS }, () => randomUUID());
      await Promise.all(tokens.map((requestToken) => store.put(name, fake(requestToken), { requestToken })));
      for (const token of tokens) assert.equal(await read(store, name, token), `fake-secret-${token}`);
      assert.ok(tokens.includes((await store.get(name))?.versionId as (typeof tokens)[number]));
    });

    secretLifetimeRows(row);

    row('no error says what was to be stored', async ({ store }) => {
      const name = await create(store);
      const requestToken = randomUUID();
      await store.put(name, fake('sentinel-1'), { requestToken });
      const errors = await Promise.all([
        rejection(store.put(name, fake('sentinel-2'), { requestToken })),
        rejection(store.put(newName(), fake('sentinel-3'))),
        rejection(store.put(name, fake('sentinel-4'), { signal: AbortSignal.abort() })),
      ]);
      const text = errors.map((error) => inspect(error, { depth: null, showHidden: true })).join();
      assert.doesNotMatch(text, /sentinel/);
    });
  });
}

async function rejection(work: Promise<void>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return assert.fail('it should have rejected');
}
