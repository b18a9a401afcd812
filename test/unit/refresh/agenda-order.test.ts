import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import type { DueEntry } from '../../../shared/ledger/ledger.ts';
import { Agenda, PLACES } from '../../../shared/refresh/tick/agenda.ts';
import { Heap } from '../../../shared/refresh/tick/heap.ts';
import { byUrgency } from '../../../shared/refresh/tick/order.ts';
import { seededRandom } from '../../integration/seeded-random.ts';

const NOW_MS = 1_000_000;
const TIMES = timing(1);

function drawEntries(count: number, providers: number, seed: number): DueEntry[] {
  const fraction = seededRandom(seed);
  return Array.from({ length: count }, (_, n) => ({
    credential: `acme-${n}`,
    dueAtMs: NOW_MS - Math.floor(fraction() * 60_000),
    refreshAtMs: NOW_MS - 1 - Math.floor(fraction() * 60_000),
    deadlineMs: NOW_MS + 120_000 + Math.floor(fraction() * 1_000_000),
    failures: fraction() < 0.2 ? 2 : 0,
    bulkhead: `provider-${Math.floor(fraction() * providers)}`,
  }));
}

/** Takes all that may begin, each ended at once. */
function takeAll(agenda: Agenda, nowMs: number): string[] {
  const taken: string[] = [];
  for (let next = agenda.take(nowMs); next?.entry; next = agenda.take(nowMs)) {
    taken.push(next.entry.credential);
    next.done(NOW_MS);
  }
  return taken;
}

describe('the order of a tick', () => {
  for (const providers of [1, 3, 50]) {
    it(`is that of all its entries, over ${providers} providers, whatever is added meanwhile`, () => {
      const entries = drawEntries(300, providers, providers);
      const agenda = new Agenda(TIMES, entries.slice(0, 200), []);
      const order = byUrgency(NOW_MS, TIMES);
      const sorted = (some: readonly DueEntry[]) => some.toSorted(order).map(({ credential }) => credential);
      const first = Array.from({ length: 50 }, () => {
        const next = agenda.take(NOW_MS);
        if (next?.entry) next.done(NOW_MS);
        return next?.entry?.credential ?? '';
      });
      assert.deepEqual(first, sorted(entries.slice(0, 200)).slice(0, 50));
      for (const entry of entries.slice(200)) agenda.add(entry, 0);
      const left = entries.filter(({ credential }) => !first.includes(credential));
      assert.equal(agenda.size, left.length);
      assert.deepEqual(takeAll(agenda, NOW_MS), sorted(left));
      assert.equal(agenda.take(NOW_MS), undefined);
    });
  }

  it('waits for one of those that run while there is no place, whatever has become ready', () => {
    const entry = (credential: string, dueAtMs: number) => ({ credential, dueAtMs, bulkhead: credential });
    const agenda = new Agenda(TIMES, [], []);
    const ids = Array.from({ length: PLACES }, (_, n) => `acme-${n}`);
    for (const id of ids.slice(1)) agenda.add(entry(id, NOW_MS - 1), 0);
    agenda.add(entry('later', NOW_MS + 100), NOW_MS + 100);
    const running = ids.slice(1).map(() => agenda.take(NOW_MS));
    assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: NOW_MS + 100 });
    agenda.add(entry('acme-0', NOW_MS - 1), 0);
    running.push(agenda.take(NOW_MS));
    assert.ok(running.every((next) => next?.entry));
    // To ask again at a time that has come would be to ask for ever.
    assert.deepEqual(agenda.take(NOW_MS + 200), { readyAtMs: undefined });
    const [first] = running;
    if (first?.entry) first.done(NOW_MS);
    assert.equal(agenda.take(NOW_MS + 200)?.entry?.credential, 'later');
  });

  it('lets no provider that waits hold up the others, and comes back to it in time', () => {
    const entries = drawEntries(40, 4, 9);
    const agenda = new Agenda(TIMES, [], []);
    const readyAtMs = ({ bulkhead }: DueEntry) => NOW_MS + (bulkhead === 'provider-0' ? 500 : 0);
    for (const entry of entries) agenda.add(entry, readyAtMs(entry));
    const late = entries.filter(({ bulkhead }) => bulkhead === 'provider-0').length;
    assert.equal(takeAll(agenda, NOW_MS).length, 40 - late);
    assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: NOW_MS + 500 });
    assert.equal(takeAll(agenda, NOW_MS + 500).length, late);
  });

  it('costs what is taken: comparisons grow with the number of entries, and hardly faster', () => {
    const compared = (count: number, providers: number) => {
      let reads = 0;
      const counted = {
        get: () => {
          reads += 1;
          return 0;
        },
      };
      const entries = drawEntries(count, providers, count).map((entry) =>
        Object.defineProperty({ ...entry }, 'failures', counted),
      );
      const agenda = new Agenda(TIMES, entries, []);
      // Each is put back once, as one is that had no permit.
      const seen = new Set<string>();
      for (let next = agenda.take(NOW_MS); next?.entry; next = agenda.take(NOW_MS)) {
        const { entry } = next;
        next.done(NOW_MS);
        if (!seen.has(entry.credential)) agenda.add(entry, 0);
        seen.add(entry.credential);
      }
      return reads / count;
    };
    for (const providers of [1, 1000]) {
      const [few, many] = [compared(1000, providers), compared(4000, providers)];
      assert.ok(many < 2.5 * few, `${few} and ${many} looks an entry, of ${providers} providers`);
    }
  });
});

it('gives few providers all places, one that hangs half of them, and leaves each eight of its own', () => {
  for (const count of [1, 2, 3, 5]) {
    const agenda = new Agenda(TIMES, [], []);
    const id = (provider: number, n: number) => `acme-${provider}-${n}`;
    // The first hangs, and so do all others but the last, which comes to its turn when they have taken what they can.
    for (let provider = 0; provider < count; provider += 1) {
      const readyAtMs = provider === count - 1 ? NOW_MS + 1000 : 0;
      for (let n = 0; n < PLACES; n += 1) {
        const entry = { credential: id(provider, n), dueAtMs: NOW_MS, bulkhead: `provider-${provider}` };
        agenda.add(entry, readyAtMs);
      }
    }
    const taken = (nowMs: number) => {
      const names: string[] = [];
      for (let next = agenda.take(nowMs); next?.entry; next = agenda.take(nowMs))
        names.push(next.entry.bulkhead ?? '');
      return names;
    };
    const [first, last] = [taken(NOW_MS), taken(NOW_MS + 1000)];
    const most = Math.max(
      ...Object.values(Object.groupBy(first, (name) => name)).map((all = []) => all.length),
      0,
    );
    assert.ok(most <= PLACES / 2, `${most} of one of ${count}`);
    assert.ok(last.length >= 8, `${last.length} of the last of ${count}`);
    if (count === 2) assert.equal(first.length + last.length, PLACES);
  }
});

it('keeps up with 90 refreshes a second beside a provider that takes 5 s for each of a third of them', () => {
  const takesMs = (entry: DueEntry) => (entry.bulkhead === 'provider-0' ? 5000 : 340);
  const entries = drawEntries(9000, 3, 4);
  const agenda = new Agenda(TIMES, entries, []);
  const ends = new Heap<{ readonly atMs: number; readonly done: (atMs: number) => void }>(
    (a, b) => a.atMs - b.atMs,
  );
  let [nowMs, renewed] = [NOW_MS, 0];
  while (nowMs < NOW_MS + TIMES.tickBudgetMs) {
    const next = agenda.take(nowMs);
    if (next?.entry) {
      if (next.entry.bulkhead !== 'provider-0') renewed += 1;
      ends.push({ atMs: nowMs + takesMs(next.entry), done: next.done });
      continue;
    }
    const ended = ends.pop();
    if (!ended) break;
    nowMs = ended.atMs;
    ended.done(nowMs);
  }
  assert.ok(renewed / (TIMES.tickBudgetMs / 1000) >= 90, `${renewed} in a tick`);
});

it('a heap gives its items in order, whatever came when', () => {
  const fraction = seededRandom(5);
  const numbers = Array.from({ length: 500 }, () => Math.floor(fraction() * 100));
  const heap = new Heap<number>((a, b) => a - b, numbers.slice(0, 100));
  for (const number of numbers.slice(100)) heap.push(number);
  const out = numbers.map(() => heap.pop());
  assert.deepEqual(
    out,
    numbers.toSorted((a, b) => a - b),
  );
  assert.equal(heap.pop(), undefined);
});
