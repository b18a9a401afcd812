import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { BUCKETS } from '../../shared/config/shards.ts';
import type { Ledger, LedgerRecord, QuotaEntry } from '../../shared/ledger/ledger.ts';

export interface SampleRecord extends LedgerRecord {
  readonly note?: string;
  readonly state?: string;
  readonly mode?: string;
  readonly accessLifeMs?: number;
  readonly refreshTokenMs?: number;
}

/** The rules of `Ledger` beyond those of `Table`, for one adapter. `open` gives an empty ledger each time. */
export function ledgerContract(
  adapter: string,
  open: () => Promise<Ledger<SampleRecord>>,
  options: { skip?: string | false } = {},
): void {
  describe(`a ledger on ${adapter}`, { skip: options.skip ?? false }, () => {
    test('due gives what is due, earliest first, with what the order of a tick needs', async () => {
      const ledger = await open();
      await ledger.save(record('late', { dueAtMs: 3000 }));
      await ledger.save(record('early', { dueAtMs: 1000, note: 'not in the index' }));
      const details = {
        refreshAtMs: 2500,
        deadlineMs: 9000,
        lapsingFromMs: 9999,
        bulkhead: 'bs2',
        isolated: true,
        failures: 2,
        quotaKey: 'bs2',
        quotaPaceMs: 6000,
      };
      await ledger.save(record('middle', { dueAtMs: 2000, ...details }));
      assert.deepEqual(await ledger.due(5000, 10), [
        { credential: 'early', dueAtMs: 1000 },
        { credential: 'middle', dueAtMs: 2000, ...details },
        { credential: 'late', dueAtMs: 3000 },
      ]);
    });

    test('a record is due at its time and not a millisecond before', async () => {
      const ledger = await open();
      await ledger.save(record('acme', { dueAtMs: 1000 }));
      assert.deepEqual(await dueIds(ledger, 999), []);
      assert.deepEqual(await dueIds(ledger, 1000), ['acme']);
    });

    test('due gives the earliest up to the limit, and nothing for a limit of 0', async () => {
      const ledger = await open();
      for (const dueAtMs of [50, 10, 40, 20, 30]) await ledger.save(record(`acme-${dueAtMs}`, { dueAtMs }));
      assert.deepEqual(await dueIds(ledger, 100, 2), ['acme-10', 'acme-20']);
      assert.deepEqual(await dueIds(ledger, 100, 0), []);
    });

    test('due gives each record in the shard that it belongs to, however many there are', async () => {
      const ledger = await open();
      const ids = Array.from({ length: 12 }, (_, n) => `acme-${n}`);
      for (const [n, id] of ids.entries()) await ledger.save(record(id, { dueAtMs: 100 + n }));
      for (const id of ['of-quota-1', 'of-quota-2'])
        await ledger.save(record(id, { dueAtMs: 200, quotaKey: 'bs2' }));
      for (const count of [1, 2, BUCKETS]) {
        const shards = await Promise.all(
          Array.from({ length: count }, async (_, index) => ledger.due(1000, 100, { index, of: count })),
        );
        const all = shards.flat().map(({ credential }) => credential);
        assert.deepEqual(all.sort(), [...ids, 'of-quota-1', 'of-quota-2'].sort(), `${count} shards`);
        const ofQuota = shards.filter((some) => some.some(({ quotaKey }) => quotaKey === 'bs2'));
        assert.equal(ofQuota.length, 1, 'what shares a quota is together');
        for (const some of shards) {
          const times = some.map(({ dueAtMs }) => dueAtMs);
          assert.deepEqual(
            times,
            times.toSorted((a, b) => a - b),
          );
        }
      }
    });

    test('a record without a due time is not in the index, from the start or when it loses it', async () => {
      const ledger = await open();
      await ledger.save(record('never'));
      const once = record('once', { dueAtMs: 1 });
      await ledger.save(once);
      assert.deepEqual(await dueIds(ledger), ['once']);
      await ledger.save({ ...once, dueAtMs: undefined, revision: 2 });
      assert.deepEqual(await dueIds(ledger), []);
    });

    test('a save moves the record in the index', async () => {
      const ledger = await open();
      const acme = record('acme', { dueAtMs: 1000 });
      await ledger.save(acme);
      await ledger.save({ ...acme, dueAtMs: 7000, revision: 2 });
      assert.deepEqual(await dueIds(ledger, 6999), []);
      assert.deepEqual(await ledger.due(7000, 10), [{ credential: 'acme', dueAtMs: 7000 }]);
    });

    test('a record loads as it was saved, with nothing of the index in it', async () => {
      const ledger = await open();
      const saved = record('acme', { dueAtMs: 1000, deadlineMs: 2000, note: 'kept' });
      await ledger.save(saved);
      assert.deepEqual(await ledger.load('acme'), saved);
      assert.deepEqual(await listAll(ledger), [saved]);
    });

    test('list gives every record once, due or not, over as many pages as it takes', async () => {
      const ledger = await open();
      const filler = 'x'.repeat(200_000);
      const saved = Array.from({ length: 8 }, (_, index) =>
        record(`acme-${index}`, index % 2 === 0 ? { note: filler, dueAtMs: index } : { note: filler }),
      );
      await Promise.all(saved.map((item) => ledger.save(item)));
      const listed = await listAll(ledger);
      assert.deepEqual(
        listed.map(({ credential }) => credential).sort(),
        saved.map(({ credential }) => credential),
      );
    });

    test('list goes on behind any record, where it stopped before', async () => {
      const ledger = await open();
      const ids = Array.from({ length: 7 }, (_, index) => `acme-${index}`);
      await Promise.all(ids.map((id) => ledger.save(record(id))));
      const all = (await listAll(ledger)).map(({ credential }) => credential);
      assert.deepEqual(all.toSorted(), ids);
      for (const [place, after] of all.entries()) {
        const rest = await listAll(ledger, after);
        assert.deepEqual(
          rest.map(({ credential }) => credential),
          all.slice(place + 1),
        );
      }
    });

    test('sharing gives who has a quota key, due or not, with what the arithmetic needs and nothing else', async () => {
      const ledger = await open();
      const shown = { state: 'active', mode: 'fresh', accessLifeMs: 300_000, refreshTokenMs: 5 };
      await ledger.save(record('a', { ...shown, quotaKey: 'bs2', note: 'not in the index' }));
      await ledger.save(record('b', { quotaKey: 'bs2', dueAtMs: 1000 }));
      await ledger.save(record('c', { quotaKey: 'other' }));
      await ledger.save(record('d'));
      const entries = [
        { credential: 'a', quotaKey: 'bs2', ...shown },
        { credential: 'b', quotaKey: 'bs2' },
        { credential: 'c', quotaKey: 'other' },
      ];
      assert.deepEqual(await sharing(ledger, 'bs2'), entries.slice(0, 2));
      assert.deepEqual(await sharing(ledger, 'none'), []);
      assert.deepEqual(await sharing(ledger), entries);
    });

    test('a save moves the record to another quota, and out of all', async () => {
      const ledger = await open();
      const acme = record('acme', { quotaKey: 'bs2' });
      await ledger.save(acme);
      await ledger.save({ ...acme, quotaKey: 'other', revision: 2 });
      assert.deepEqual(await sharing(ledger, 'bs2'), []);
      assert.deepEqual(await sharing(ledger, 'other'), [{ credential: 'acme', quotaKey: 'other' }]);
      await ledger.save({ ...acme, quotaKey: undefined, revision: 3 });
      assert.deepEqual(await sharing(ledger), []);
    });

    test('list gives no more than the limit, and goes on behind it', async () => {
      const ledger = await open();
      const ids = Array.from({ length: 5 }, (_, index) => `acme-${index}`);
      await Promise.all(ids.map((id) => ledger.save(record(id))));
      const slices: string[][] = [];
      for (let after: string | undefined; slices.length < 3; after = slices.at(-1)?.at(-1)) {
        const slice = await gathered(ledger.list({ after, limit: 2 }));
        slices.push(slice.map(({ credential }) => credential));
      }
      assert.deepEqual(
        slices.map(({ length }) => length),
        [2, 2, 1],
      );
      assert.deepEqual(slices.flat().toSorted(), ids);
    });

    test('attention gives who needs it, with what is watched and nothing else, until that is over', async () => {
      const ledger = await open();
      const watched = { state: 'active', failure: { count: 2 } };
      const acme = record('acme', { attention: 'troubled', watched, note: 'not in the index', dueAtMs: 5 });
      await ledger.save(acme);
      await ledger.save(record('idle', { attention: 'idle', watched: { state: 'paused' } }));
      await ledger.save(record('well'));
      assert.deepEqual(await gathered(ledger.attention('troubled')), [{ credential: 'acme', watched }]);
      await ledger.save({ ...acme, attention: undefined, watched: undefined, revision: 2 });
      assert.deepEqual(await gathered(ledger.attention('troubled')), []);
      assert.deepEqual(
        (await gathered(ledger.attention('idle'))).map(({ credential }) => credential),
        ['idle'],
      );
    });

    test('an empty ledger has nothing due and lists nothing', async () => {
      const ledger = await open();
      assert.deepEqual(await dueIds(ledger), []);
      assert.deepEqual(await listAll(ledger), []);
    });
  });
}

function record(credential: string, values: Partial<SampleRecord> = {}): SampleRecord {
  return { credential, ...values, revision: 1, writer: randomUUID() };
}

async function dueIds(ledger: Ledger<SampleRecord>, byMs = 10_000, limit = 100): Promise<string[]> {
  return (await ledger.due(byMs, limit)).map(({ credential }) => credential);
}

async function listAll(ledger: Ledger<SampleRecord>, after?: string): Promise<SampleRecord[]> {
  const records: SampleRecord[] = [];
  for await (const item of ledger.list({ after })) records.push(item);
  return records;
}

async function sharing(ledger: Ledger<SampleRecord>, quotaKey?: string) {
  const entries: QuotaEntry<SampleRecord>[] = [];
  for await (const entry of ledger.sharing(quotaKey)) entries.push(entry);
  return entries.sort((a, b) => (a.credential < b.credential ? -1 : 1));
}

async function gathered<Entry>(all: AsyncIterable<Entry>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of all) entries.push(entry);
  return entries;
}
