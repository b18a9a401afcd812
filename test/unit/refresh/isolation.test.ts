import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { indexed } from '../../../shared/credential/indexed.ts';
import { clearTraceless } from '../../../shared/credential/transitions/attempt.ts';
import { Agenda } from '../../../shared/refresh/tick/agenda.ts';
import { AT_MS, anAttempt, aRecord } from '../../support/records.ts';

const TIMES = timing(1);
const NOW_MS = AT_MS + 200_000;

/** The record after so many attempts in a row that ended without a trace. */
function afterTraceless(times: number): CredentialRecord {
  let record = aRecord();
  for (let time = 0; time < times; time += 1) {
    const attempt = anAttempt(AT_MS);
    const cleared = clearTraceless({ ...record, attempt }, attempt.id, NOW_MS, (alike) => alike * 60_000);
    assert.ok(cleared);
    record = indexed(cleared, TIMES);
  }
  return record;
}

describe('attempts that end without a trace', () => {
  it('count as failures: the first is tried again at once, more of them ever more seldom', () => {
    const pausesMs = [1, 2, 3].map((times) => afterTraceless(times).refreshAtMs - NOW_MS);
    assert.deepEqual(pausesMs, [0, 60_000, 120_000]);
    const { failure, failures, isolated } = afterTraceless(1);
    assert.deepEqual([failure?.outcome, failure?.count, isolated], ['no-trace', 1, true]);
    assert.equal(failures, 0, 'once, its process may have died of something else');
    assert.deepEqual([afterTraceless(2).failures, afterTraceless(2).isolated], [2, true]);
  });

  it('are looked for apart from others from the first one on, which may end another process', () => {
    assert.equal(indexed(aRecord({ attempt: anAttempt(AT_MS) }), TIMES).isolated, true);
    assert.equal(indexed(aRecord({ attempt: anAttempt(AT_MS, 'publish') }), TIMES).isolated, undefined);
    assert.equal(indexed(aRecord(), TIMES).isolated, undefined);
  });

  const due = { dueAtMs: NOW_MS - 1, refreshAtMs: NOW_MS - 1 };
  const bad = { ...due, credential: 'bad', failures: 2, isolated: true };

  it('leave a credential alone and last in its tick', () => {
    const agenda = new Agenda(TIMES, [bad, { ...due, credential: 'good', bulkhead: 'a' }], []);
    const first = agenda.take(NOW_MS);
    assert.equal(first?.entry?.credential, 'good');
    assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: undefined }, 'not beside another');
    if (first?.entry) first.done(NOW_MS);
    const last = agenda.take(NOW_MS);
    assert.equal(last?.entry?.credential, 'bad');
    agenda.add({ ...due, credential: 'late', bulkhead: 'a' }, 0);
    assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: undefined }, 'nothing begins beside it');
    if (last?.entry) last.done(NOW_MS);
    assert.equal(agenda.take(NOW_MS)?.entry?.credential, 'late');
  });
});

describe('what perhaps ends its process, where it has one of its own', () => {
  const due = { dueAtMs: NOW_MS - 1, refreshAtMs: NOW_MS - 1 };
  const bad = { ...due, failures: 0, isolated: true };

  it('goes beside others, one after the other, and takes no place before them', () => {
    const entries = [
      { ...bad, credential: 'bad-1' },
      { ...bad, credential: 'bad-2' },
      { ...due, credential: 'good', bulkhead: 'a' },
    ];
    const agenda = new Agenda(TIMES, entries, [], { hasProcesses: true });
    assert.equal(agenda.take(NOW_MS)?.entry?.credential, 'good');
    const first = agenda.take(NOW_MS);
    assert.equal(first?.entry?.credential, 'bad-1');
    assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: undefined });
    if (first?.entry) first.done(NOW_MS);
    assert.equal(agenda.take(NOW_MS)?.entry?.credential, 'bad-2');
  });

  it('goes before what is less urgent of the same quota, which would have each permit otherwise', () => {
    const of = (credential: string, quotaKey: string, deadlineMs: number, isolated = false) => ({
      ...{ credential, quotaKey, bulkhead: quotaKey, deadlineMs, isolated },
      ...{ dueAtMs: NOW_MS - 1, refreshAtMs: NOW_MS - 1, quotaPaceMs: 20_000 },
    });
    const firstOf = (entries: ReturnType<typeof of>[]) =>
      new Agenda(TIMES, entries, [], { hasProcesses: true }).take(NOW_MS)?.entry?.credential;
    const good = of('good', 'bank', NOW_MS + 60_000);
    assert.equal(firstOf([good, of('bad', 'bank', NOW_MS + 59_000, true)]), 'bad');
    assert.equal(firstOf([good, of('bad', 'bank', NOW_MS + 61_000, true)]), 'good');
    assert.equal(firstOf([good, of('bad', 'other', NOW_MS + 59_000, true)]), 'good');

    const agenda = new Agenda(TIMES, [good, of('bad', 'bank', NOW_MS, true)], [], { hasProcesses: true });
    const bad = agenda.take(NOW_MS);
    assert.deepEqual([bad?.entry?.credential, agenda.take(NOW_MS)?.entry?.credential], ['bad', 'good']);
  });
});

describe('bulkheads', () => {
  it('leave places for others, however much one provider has to do', () => {
    const many = Array.from({ length: 500 }, (_, n) => ({
      credential: `hangs-${n}`,
      dueAtMs: NOW_MS - 1,
      refreshAtMs: NOW_MS - 1,
      deadlineMs: 0,
      bulkhead: 'hangs',
    }));
    const other = {
      credential: 'other',
      dueAtMs: NOW_MS - 1,
      refreshAtMs: NOW_MS - 1,
      deadlineMs: NOW_MS,
      bulkhead: 'b',
    };
    const agenda = new Agenda(TIMES, [...many, other], []);
    const taken: string[] = [];
    for (let next = agenda.take(NOW_MS); next?.entry; next = agenda.take(NOW_MS))
      taken.push(next.entry.credential);
    assert.ok(taken.includes('other'));
    assert.ok(taken.length < 64, `${taken.length} at a time`);
  });
});
