import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParameterStore } from '../../shared/parameter-store/parameter-store.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';

interface StoreUnderTest {
  readonly store: ParameterStore;
  /** The value as a reader gets it, decrypted; undefined if there is none. */
  read(name: string): Promise<string | undefined>;
  /** Its tags; none where there is no such parameter. */
  tags(name: string): Promise<Readonly<Record<string, string>>>;
}

const NAME = '/renova/prd/acme/token';

/** What every {@link ParameterStore} does. */
export function parameterStoreContract(what: string, open: () => StoreUnderTest): void {
  describe(`a parameter store: ${what}`, () => {
    it('creates a parameter, and replaces its value', async () => {
      const { store, read } = open();
      assert.equal(await read(NAME), undefined);
      await store.put(NAME, new Secret('fake-value-1'), { description: 'fake description' });
      assert.equal(await read(NAME), 'fake-value-1');
      await store.put(NAME, new Secret('fake-value-é {"a":1}'));
      assert.equal(await read(NAME), 'fake-value-é {"a":1}');
    });

    it('labels what it makes, changes labels when it is asked to, and leaves other values alone', async () => {
      const { store, read, tags } = open();
      await store.retag(NAME, { set: { team: 'a' }, drop: ['b'] });
      assert.deepEqual(await tags(NAME), {});
      await store.put(NAME, new Secret('fake-value-1'), { tags: { team: 'a', site: 'b' } });
      assert.deepEqual(await tags(NAME), { team: 'a', site: 'b' });
      for (let again = 0; again < 4; again += 1) await store.put(NAME, new Secret('fake-value-2'));
      await store.retag(NAME, { set: { team: 'c' }, drop: ['site', 'none'] });
      assert.deepEqual(await tags(NAME), { team: 'c' });
      assert.equal(await read(NAME), 'fake-value-2');
    });

    it('removes a parameter, and does nothing where there is none', async () => {
      const { store, read } = open();
      await store.put(NAME, new Secret('fake-value-1'));
      await store.remove(NAME);
      assert.equal(await read(NAME), undefined);
      await store.remove(NAME);
    });

    it('gives up when it is told to', async () => {
      const { store } = open();
      const put = store.put(NAME, new Secret('fake-value-1'), { signal: AbortSignal.abort() });
      await assert.rejects(put, StoreUnavailableError);
    });
  });
}
