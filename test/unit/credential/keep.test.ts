import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { adopt, isTried, keep, sparesOf } from '../../../shared/credential/transitions/pair.ts';
import { AT_MS, anAttempt, aPair, aRecord, published } from '../../support/records.ts';

const attempt = anAttempt(AT_MS + 150_000);
const begun = aRecord({ attempt });
const next = aPair({ generation: 2, attempt: attempt.id, refreshAfterMs: AT_MS + 300_000 });
const late = aPair({ generation: 2, attempt: 'attempt-late' });

describe('keeping a new pair', () => {
  it('makes it current and forgets what went wrong before', () => {
    const troubled = {
      ...begun,
      failure: { count: 2, sinceMs: 1, lastAtMs: 2, outcome: 'unknown', reason: 'ECONNRESET' } as const,
      doubt: { sinceMs: 1, quietUntilMs: 2 },
      publication: published(1, { retryAtMs: 3 }),
    };
    const kept = nowCurrent(troubled);
    assert.equal(kept.generation, 2);
    assert.equal(kept.pair, next);
    assert.equal(kept.refreshAtMs, next.refreshAfterMs);
    assert.equal(kept.attempt, attempt, 'publishing is still to come');
    const { failure, doubt, publication } = kept;
    assert.deepEqual(
      { failure, doubt, retryAtMs: publication.retryAtMs },
      { failure: undefined, doubt: undefined, retryAtMs: undefined },
    );
  });

  it('does nothing the second time', () => {
    assert.equal(keep(nowCurrent(begun), next, 12), undefined);
  });

  it('lets a late answer win when the ledger has not moved, whoever began meanwhile', () => {
    for (const record of [begun, aRecord(), aRecord({ state: 'paused' })]) {
      assert.equal(keep(record, late, 12)?.pair, late);
    }
    assert.equal(keep(aRecord({ state: 'paused' }), late, 12)?.state, 'paused');
  });

  it('brings a lapsed chain back to life', () => {
    const lapse = { atMs: 1, reason: 'grant-refused', afterUnknown: true } as const;
    const revived = keep(aRecord({ state: 'lapsed', lapse }), late, 12);
    assert.equal(revived?.state, 'active');
    assert.equal(revived?.lapse, undefined);
  });

  it('puts a late answer aside when the ledger has moved, once', () => {
    const moved = nowCurrent(begun);
    const aside = keep(moved, late, 12);
    assert.deepEqual(aside, { ...moved, aside: { ...moved.aside, spares: [late] } });
    assert.equal(keep(aside as CredentialRecord, late, 12), undefined);
  });

  it('puts an answer of a chain that was replaced aside, and never among those to be tried', () => {
    const reseeded = aRecord({ chain: 'chain-2' });
    const aside = keep(reseeded, late, 12);
    assert.equal(aside?.generation, 1);
    assert.deepEqual(aside?.aside.spares, [late]);
    assert.deepEqual(sparesOf(aside as CredentialRecord), []);
  });

  it('does not bring back a removed credential', () => {
    assert.equal(keep(aRecord({ state: 'removed' }), next, 12), undefined);
  });

  it('adds lanes when the provider shortens its lifetimes, and takes none away', () => {
    assert.equal(keep(begun, next, 20)?.publication.lanes, 20);
    assert.equal(keep(begun, next, 1)?.publication.lanes, 12);
  });

  it('keeps the latest four spares', () => {
    let record: CredentialRecord = nowCurrent(begun);
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      record = keep(record, aPair({ generation: 2, attempt: id }), 12) ?? record;
    }
    assert.deepEqual(
      record.aside.spares.map((spare) => spare.attempt),
      ['b', 'c', 'd', 'e'],
    );
    assert.deepEqual(
      sparesOf(record).map((spare) => spare.attempt),
      ['e', 'd', 'c', 'b'],
    );
  });
});

describe('adopting a pair found elsewhere', () => {
  it('makes it current, ends its attempt, and does so once', () => {
    const rescued = { ...next };
    const adopted = adopt(begun, rescued, rescued, 12);
    assert.equal(adopted?.pair, rescued);
    assert.equal(adopted?.attempt, undefined);
    assert.deepEqual(adopted?.aside.past, [begun.pair?.attempt]);
    assert.equal(adopt(adopted as CredentialRecord, rescued, rescued, 12), undefined);
  });

  it('leaves the attempt of another, and ends the caller’s own', () => {
    const own = { ...attempt, id: 'attempt-own' };
    assert.equal(adopt({ ...begun, attempt: own }, late, late, 12)?.attempt, own);
    assert.equal(adopt({ ...begun, attempt: own }, late, late, 12, own.id)?.attempt, undefined);
  });

  it('takes a spare from those put aside, under the generation that follows', () => {
    const aside = keep(nowCurrent(begun), late, 12) as CredentialRecord;
    const resealed = { ...late, generation: 3 };
    const adopted = adopt(aside, late, resealed, 12) as CredentialRecord;
    assert.equal(adopted.generation, 3);
    assert.deepEqual(adopted.aside.spares, []);
    assert.deepEqual(sparesOf(adopted), []);
    assert.equal(isTried(adopted, late), true);
  });

  it('never brings a pair back that was current once', () => {
    const adopted = adopt(begun, next, next, 12) as CredentialRecord;
    const replaced = keep(adopted, aPair({ generation: 3, attempt: 'attempt-3' }), 12) as CredentialRecord;
    assert.equal(isTried(replaced, next), true);
    assert.equal(adopt(replaced, next, { ...next, generation: 4 }, 12), undefined);
  });

  it('does nothing when the ledger has moved on, or to another chain', () => {
    assert.equal(adopt(aRecord({ generation: 2 }), late, late, 12), undefined);
    assert.equal(adopt(aRecord({ chain: 'chain-2' }), late, late, 12), undefined);
    assert.equal(adopt(aRecord({ state: 'removed' }), late, late, 12), undefined);
  });

  it('remembers the latest eight that were current', () => {
    const past = Array.from({ length: 8 }, (_, index) => `attempt-old-${index}`);
    const record = adopt({ ...begun, aside: { ...begun.aside, past } }, late, late, 12);
    assert.deepEqual(record?.aside.past, [...past.slice(1), begun.pair?.attempt]);
  });

  it('does not put a pair aside that was current once, however late its keep is repeated', () => {
    const kept = keep(begun, next, 12) as CredentialRecord;
    const replaced = keep(kept, aPair({ generation: 3, attempt: 'attempt-3' }), 12) as CredentialRecord;
    assert.equal(keep(replaced, next, 12), undefined);
  });
});

function nowCurrent(record: CredentialRecord): CredentialRecord {
  const kept = keep(record, next, 12);
  assert.ok(kept);
  return kept;
}
