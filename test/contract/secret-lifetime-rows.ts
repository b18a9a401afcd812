import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SecretNotFoundError, VersionQuotaError } from '../../shared/secret-store/secret-store.ts';
import { create, fake, newName, read } from './secret-samples.ts';
import type { Row } from './secret-store-rows.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The part of the secret store's contract that time has to do with: removal, and the version quota. */
export function secretLifetimeRows(row: Row): void {
  row('removing what does not exist does nothing', async ({ store }) => {
    await store.remove(newName(), 7);
  });

  row('a removed secret reads as undefined; removing it again does nothing', async ({ store }) => {
    const name = await create(store);
    const versionId = (await store.get(name))?.versionId;
    await store.remove(name, 7);
    await store.remove(name, 7);
    assert.equal(await store.get(name), undefined);
    assert.equal(await store.get(name, versionId), undefined);
  });

  row(
    'a removed secret takes no put',
    async ({ store }) => {
      const name = await create(store);
      await store.remove(name, 7);
      await assert.rejects(store.put(name, fake('x')), SecretNotFoundError);
    },
    'scheduled deletion',
  );

  row(
    'a removed secret is created again, with its new value and its old versions, and takes puts',
    async ({ store }) => {
      const name = await create(store);
      const oldId = (await store.get(name))?.versionId;
      await store.remove(name, 7);
      assert.equal(await store.create(name, fake('second life')), true);
      assert.equal(await read(store, name), 'fake-secret-second life');
      assert.equal(await read(store, name, oldId), 'fake-secret-first');
      assert.equal(await store.create(name, fake('third')), false);
      await store.put(name, fake('put'));
      assert.equal(await read(store, name), 'fake-secret-put');
    },
    'scheduled deletion',
  );

  row(
    'a removed secret is forgotten when its recovery days are over, not before, and a second removal adds none',
    async ({ store, advance }) => {
      const [kept, forgotten] = [await create(store), await create(store)];
      const keptId = (await store.get(kept))?.versionId;
      const forgottenId = (await store.get(forgotten))?.versionId;
      await store.remove(kept, 8);
      await store.remove(forgotten, 7);
      await advance?.(DAY_MS);
      await store.remove(forgotten, 30);
      await advance?.(6 * DAY_MS + 1000);
      for (const name of [kept, forgotten]) assert.equal(await store.create(name, fake('again')), true);
      assert.equal(await read(store, kept, keptId), 'fake-secret-first');
      assert.equal(await store.get(forgotten, forgottenId), undefined);
    },
    'scheduled deletion',
    'passing time',
  );

  row(
    'the 101st version within a day is refused; one that arrives again is not; a day later there is room',
    async ({ store, advance }) => {
      const name = await create(store);
      const requestToken = randomUUID();
      for (let version = 2; version < 100; version++) await store.put(name, fake(String(version)));
      await store.put(name, fake('100'), { requestToken });
      await assert.rejects(store.put(name, fake('101')), VersionQuotaError);
      await store.put(name, fake('100'), { requestToken });
      assert.equal(await read(store, name), 'fake-secret-100');

      await advance?.(DAY_MS - 60_000);
      await assert.rejects(store.put(name, fake('101')), VersionQuotaError);
      await advance?.(61_000);
      await store.put(name, fake('101'));
      assert.equal(await read(store, name), 'fake-secret-101');
      assert.equal(await read(store, name, requestToken), 'fake-secret-100');
    },
    'version quota',
    'passing time',
  );
}
