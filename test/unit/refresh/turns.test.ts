import assert from 'node:assert/strict';
import { it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { Agenda } from '../../../shared/refresh/tick/agenda.ts';
import type { Turns } from '../../../shared/refresh/tick/bulkhead.ts';

const NOW_MS = 1_000_000;
const PACE_MS = 6000;
/** From one turn to the next: a little more than the pace. */
const APART_MS = 1.01 * PACE_MS;

/** So many credentials of one quota, the first the most urgent. */
function waiting(count: number, expiresInMs: number) {
  return Array.from({ length: count }, (_, n) => ({
    credential: `acme-${n}`,
    dueAtMs: NOW_MS - 1000,
    refreshAtMs: NOW_MS - 1000,
    deadlineMs: NOW_MS + expiresInMs + n,
    quotaKey: 'bs2',
    quotaPaceMs: PACE_MS,
  }));
}

it('a turn at which nothing was asked of the provider goes to the next', () => {
  const agenda = new Agenda(timing(1), waiting(20, 150_000), []);
  assert.equal(agenda.take(NOW_MS)?.entry?.credential, 'acme-0');
  assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: NOW_MS + APART_MS });

  agenda.returnTurn({ credential: 'acme-0', dueAtMs: 0, quotaKey: 'bs2' });

  assert.equal(agenda.take(NOW_MS)?.entry?.credential, 'acme-1');
  assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: NOW_MS + APART_MS });
});

it('where permits are scarce, the most urgent asks for the next one alone, however many are in a hurry', () => {
  const due = waiting(20, 5000);
  const agenda = new Agenda(timing(1), due, []);
  const [first] = due;
  assert.ok(first);
  const asking = agenda.take(NOW_MS);
  assert.equal(asking?.entry?.credential, 'acme-0');
  const second = agenda.take(NOW_MS);
  assert.ok(!second?.entry && second?.readyAtMs && second.readyAtMs < NOW_MS + 500, 'a moment later');
  const late = agenda.take(NOW_MS + 3000);
  assert.ok(!late?.entry && late?.readyAtMs, 'not while the first waits for an answer of the quota');
  if (asking?.entry) asking.asked();
  const other = agenda.take(second.readyAtMs);
  assert.equal(other?.entry?.credential, 'acme-1');
  if (other?.entry) other.asked();
  const freeAtMs = NOW_MS + 2000;
  agenda.add(first, 0);
  agenda.close(first, 'urgent', freeAtMs);

  assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: freeAtMs });
  const again = agenda.take(freeAtMs);
  assert.equal(again?.entry?.credential, 'acme-0');
  if (again?.entry) again.asked();
  const next = agenda.take(freeAtMs);
  assert.equal(next?.entry, undefined, 'nobody asks beside it');
  assert.ok(next?.readyAtMs && next.readyAtMs > freeAtMs);
  assert.equal(agenda.take(next.readyAtMs)?.entry?.credential, 'acme-2');
});

it('a turn that was late does not put off the next one by all that it was late', () => {
  const agenda = new Agenda(timing(1), waiting(20, 150_000), []);
  const take = (atMs: number) => {
    const next = agenda.take(atMs);
    if (next?.entry) next.done(NOW_MS);
    return next?.entry?.credential ?? next;
  };
  assert.equal(take(NOW_MS), 'acme-0');
  assert.equal(take(NOW_MS + APART_MS + 500), 'acme-1');
  assert.deepEqual(take(NOW_MS + APART_MS + 500), { readyAtMs: NOW_MS + 2 * APART_MS });
  assert.equal(take(NOW_MS + 5 * PACE_MS), 'acme-2');
  assert.deepEqual(take(NOW_MS + 5 * PACE_MS), {
    readyAtMs: NOW_MS + 5 * PACE_MS - 0.2 * PACE_MS + APART_MS,
  });
});

it('a turn for which no permit was free stays when it was, and its permit comes late', () => {
  const due = waiting(20, 150_000);
  const agenda = new Agenda(timing(1), due, []);
  const [first] = due;
  assert.ok(first);
  const asking = agenda.take(NOW_MS);
  assert.equal(asking?.entry?.credential, 'acme-0');
  const lateMs = NOW_MS + 800;
  agenda.returnTurn(first);
  agenda.add(first, 0);
  agenda.close(first, 'scheduled', lateMs);
  if (asking?.entry) asking.done(NOW_MS);

  const again = agenda.take(lateMs);
  assert.equal(again?.entry?.credential, 'acme-0');
  if (again?.entry) again.done(NOW_MS);
  assert.deepEqual(agenda.take(lateMs), { readyAtMs: NOW_MS + APART_MS });
});

it('turns go on from one tick to the next, and in no other container', () => {
  const turns: Turns = new Map();
  const first = new Agenda(timing(1), waiting(20, 150_000), [], { turns });
  assert.equal(first.take(NOW_MS)?.entry?.credential, 'acme-0');

  const next = new Agenda(timing(1), waiting(20, 150_000), [], { turns });
  assert.deepEqual(next.take(NOW_MS + 100), { readyAtMs: NOW_MS + APART_MS });
  const elsewhere = new Agenda(timing(1), waiting(20, 150_000), []);
  assert.equal(elsewhere.take(NOW_MS + 100)?.entry?.credential, 'acme-0');
});

it('a turn whose answer may come after the next tick is that tick’s, but for a token that does not live to see it', () => {
  const TOOK_MS = 1000;
  const turns: Turns = new Map();
  const before = new Agenda(timing(1), waiting(100, 150_000), [], { turns });
  for (let atMs = NOW_MS; before.size > 0; atMs += 2 * PACE_MS) {
    const next = before.take(atMs);
    assert.ok(next?.entry);
    next.done(atMs + TOOK_MS);
  }

  const nextTickMs = NOW_MS + 60_000;
  const begins = (atMs: number, deadlineMs: number, known: Turns) => {
    const due = waiting(20, 0).map((entry) => ({ ...entry, deadlineMs }));
    return new Agenda(timing(1), due, [], { turns: known, nextTickMs }).take(atMs)?.entry !== undefined;
  };
  const wellAfterMs = nextTickMs + 150_000;
  assert.equal(begins(nextTickMs - TOOK_MS - 500, wellAfterMs, structuredClone(turns)), true);
  assert.equal(begins(nextTickMs - TOOK_MS - 300, wellAfterMs, structuredClone(turns)), false);
  assert.equal(begins(nextTickMs - TOOK_MS - 300, nextTickMs - 1, structuredClone(turns)), true);
  // Of a quota of which nothing is known an answer may take 4 s.
  assert.equal(begins(nextTickMs - 4500, wellAfterMs, new Map()), true);
  assert.equal(begins(nextTickMs - 4300, wellAfterMs, new Map()), false);
});

it('a turn of before the clock was set back counts no more', () => {
  const turns: Turns = new Map();
  new Agenda(timing(1), waiting(20, 150_000), [], { turns }).take(NOW_MS);

  const backMs = NOW_MS - 300_000;
  const due = waiting(20, 150_000).map((entry) => ({ ...entry, dueAtMs: backMs, refreshAtMs: backMs }));
  const after = new Agenda(timing(1), due, [], { turns });
  assert.equal(after.take(backMs)?.entry?.credential, 'acme-0');
  assert.deepEqual(after.take(backMs), { readyAtMs: backMs + APART_MS });
});

it('one whose lease is not over takes no turn from the others, however urgent it is', () => {
  const agenda = new Agenda(timing(1), waiting(20, 150_000), []);
  const [leased] = waiting(1, 1000);
  assert.ok(leased);
  // As an index that is behind shows a credential whose refresh has just ended.
  agenda.add({ ...leased, credential: 'leased' }, NOW_MS + 50_000);
  const taken: string[] = [];
  for (let atMs = NOW_MS; atMs < NOW_MS + 30_000; ) {
    const next = agenda.take(atMs);
    if (next?.entry) {
      taken.push(next.entry.credential);
      next.done(NOW_MS);
    } else atMs = next?.readyAtMs ?? Number.POSITIVE_INFINITY;
  }
  assert.deepEqual(taken, ['acme-0', 'acme-1', 'acme-2', 'acme-3', 'acme-4']);
});

for (const [count, refusals] of [
  [2500, 0],
  [1500, 1],
] as const)
  it(`of a quota of 2000 a minute, ${count} that are due after ${refusals} refusals wait for no more than it has`, () => {
    const due = waiting(count, 150_000).map((entry) => ({ ...entry, quotaPaceMs: 30 }));
    const agenda = new Agenda(timing(1), due, []);
    let taken = 0;
    let refused = 0;
    for (let atMs = NOW_MS; atMs < NOW_MS + 57_500; ) {
      const next = agenda.take(atMs);
      if (next?.entry && refused < refusals) {
        refused += 1;
        agenda.returnTurn(next.entry);
        agenda.add(next.entry, 0);
        agenda.close(next.entry, 'scheduled', atMs + 1000);
        next.done(NOW_MS);
      } else if (next?.entry) {
        taken += 1;
        next.done(NOW_MS);
      } else atMs = next?.readyAtMs ?? Number.POSITIVE_INFINITY;
    }
    assert.ok(taken >= 1500, `${taken}`);
  });
