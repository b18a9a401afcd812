import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { Secret } from '../../shared/secret/secret.ts';
import {
  ConflictError,
  type Revisioned,
  StoreUnavailableError,
  type Table,
} from '../../shared/table/table.ts';

/** What the suite stores. The key attribute is the ledger's, so that one table serves every suite. */
export interface Sample extends Revisioned {
  readonly credential: string;
  readonly note?: string;
  readonly count?: number;
  readonly nested?: { readonly list: readonly (string | number | boolean | null)[]; readonly empty: '' };
}

const RACERS = 50;

/** The rules of `Table`, for one adapter. `open` gives the table under test, empty or not. */
export function tableContract(
  adapter: string,
  open: () => Table<Sample>,
  options: { readonly skip?: string | false; readonly skipRaces?: string | false } = {},
): void {
  describe(`a table on ${adapter}`, { skip: options.skip ?? false }, () => {
    test('a key that was never saved loads as undefined', async () => {
      assert.equal(await open().load(randomUUID()), undefined);
    });

    test('what was saved is loaded, values of every kind unchanged', async () => {
      const table = open();
      const item: Sample = {
        ...first(),
        note: 'não é ASCII ✓',
        count: 1_700_000_000_000.25,
        nested: { list: ['a', 0, -1.5, true, null], empty: '' },
      };
      await table.save(item);
      assert.deepEqual(await table.load(item.credential), item);
    });

    test('an item that no table can hold is refused, and the one before stays', async () => {
      const table = open();
      const item = first();
      await table.save(item);
      const large = { ...item, note: 'x'.repeat(400 * 1024), revision: 2, writer: randomUUID() };
      await assert.rejects(table.save(large), StoreUnavailableError);
      assert.deepEqual(await table.load(item.credential), item);
      await table.save({ ...large, note: 'x'.repeat(380 * 1024) });
    });

    test('what is undefined is not stored', async () => {
      const table = open();
      const item = first();
      const list = ['a', undefined] as string[];
      await table.save({ ...item, note: undefined, nested: { list, empty: '' } });
      assert.deepEqual(await table.load(item.credential), { ...item, nested: { list: ['a'], empty: '' } });
    });

    test('an item with a value that cannot be stored is refused, and nothing is written', async () => {
      const table = open();
      for (const odd of [Number.NaN, 2 ** 60, new Date(0), new Secret('fake-secret-1')]) {
        const item = { ...first(), odd };
        await assert.rejects(table.save(item), StoreUnavailableError);
        assert.equal(await table.load(item.credential), undefined);
      }
    });

    test('a save replaces the item whole', async () => {
      const table = open();
      const item = first({ note: 'old', count: 1 });
      await table.save(item);
      const { note: _, ...rest } = next(item);
      await table.save(rest);
      assert.deepEqual(await table.load(item.credential), rest);
    });

    test('changing an object after it was saved changes nothing that is stored', async () => {
      const table = open();
      const item = { ...first(), nested: { list: ['kept'], empty: '' as const } };
      await table.save(item);
      item.nested.list.push('added later');
      assert.deepEqual((await table.load(item.credential))?.nested?.list, ['kept']);
    });

    test('revision 1 conflicts with an item that is there', async () => {
      const table = open();
      const item = first();
      await table.save(item);
      await assert.rejects(table.save(first({ credential: item.credential })), ConflictError);
      assert.deepEqual(await table.load(item.credential), item);
    });

    test('a later revision conflicts when there is no item: nothing is brought back', async () => {
      const table = open();
      const item = next(first());
      await assert.rejects(table.save(item), ConflictError);
      assert.equal(await table.load(item.credential), undefined);
    });

    for (const skipped of [-1, 0, 2]) {
      test(`a save at the stored revision ${skipped < 0 ? '' : '+'}${skipped} by another writer conflicts`, async () => {
        const table = open();
        const stored = next(next(first()));
        await saveHistory(table, stored);
        const stray = { ...stored, revision: stored.revision + skipped, writer: randomUUID() };
        await assert.rejects(table.save(stray), ConflictError);
        assert.deepEqual(await table.load(stored.credential), stored);
      });
    }

    test('the same save again succeeds and does nothing, the first one and a later one', async () => {
      const table = open();
      const created = first();
      await table.save(created);
      await table.save(created);
      const changed = next(created, { note: 'changed' });
      await table.save(changed);
      await table.save(changed);
      assert.deepEqual(await table.load(created.credential), changed);
    });

    test('a save that arrives again after somebody else saved conflicts and changes nothing', async () => {
      const table = open();
      const created = first();
      const late = next(created, { note: 'late' });
      const newest = next(late, { note: 'newest' });
      for (const item of [created, late, newest]) await table.save(item);
      await assert.rejects(table.save(late), ConflictError);
      await assert.rejects(table.save(created), ConflictError);
      assert.deepEqual(await table.load(created.credential), newest);
    });

    test(`of ${RACERS} that create one item at once, exactly one wins`, async () => {
      const { credential } = first();
      const racers = Array.from({ length: RACERS }, () => first({ credential }));
      await expectOneWinner(open(), racers);
    });

    test(`of ${RACERS} that save one revision at once, exactly one wins`, async () => {
      const table = open();
      const created = first();
      await table.save(created);
      const racers = Array.from({ length: RACERS }, () => next(created));
      await expectOneWinner(table, racers);
    });

    const skip = options.skipRaces ?? false;
    test('two holders that add in turns and retry on conflict lose no addition', { skip }, async () => {
      const table = open();
      const created = first({ count: 0 });
      await table.save(created);
      const conflicts = await Promise.all([1, 2].map(() => addTimes(table, created.credential, 10)));
      const final = await table.load(created.credential);
      assert.equal(final?.count, 20);
      assert.equal(final.revision, 21);
      assert.ok(Math.max(...conflicts) > 0, 'the holders never met: the race was not a race');
    });
  });
}

function first(values: Partial<Sample> = {}): Sample {
  return { credential: randomUUID(), ...values, revision: 1, writer: randomUUID() };
}

function next(item: Sample, values: Partial<Sample> = {}): Sample {
  return { ...item, ...values, revision: item.revision + 1, writer: randomUUID() };
}

/** Saves `item` as its revision says, over predecessors written by others. */
async function saveHistory(table: Table<Sample>, item: Sample): Promise<void> {
  for (let revision = 1; revision < item.revision; revision++) {
    await table.save({ ...item, revision, writer: randomUUID() });
  }
  await table.save(item);
}

async function expectOneWinner(table: Table<Sample>, racers: readonly Sample[]): Promise<void> {
  const results = await Promise.allSettled(racers.map((racer) => table.save(racer)));
  const winners = racers.filter((_, index) => results[index]?.status === 'fulfilled');
  assert.equal(winners.length, 1);
  for (const result of results) {
    if (result.status === 'rejected') assert.ok(result.reason instanceof ConflictError, result.reason);
  }
  assert.deepEqual(await table.load(racers[0]?.credential ?? ''), winners[0]);
}

/** Adds 1 to the count, `times` times, loading again after each conflict; resolves with the conflicts met. */
async function addTimes(table: Table<Sample>, credential: string, times: number): Promise<number> {
  let conflicts = 0;
  for (let added = 0; added < times; ) {
    const item = await table.load(credential);
    assert.ok(item);
    try {
      await table.save(next(item, { count: (item.count ?? 0) + 1 }));
      added += 1;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      conflicts += 1;
    }
  }
  return conflicts;
}
