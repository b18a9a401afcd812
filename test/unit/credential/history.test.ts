import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { historyOf, withChange, withOutcome } from '../../../shared/credential/history.ts';
import { AT_MS, anAttempt, aPair, aRecord } from '../../support/records.ts';

const before = aRecord();

function noted(after: object) {
  return historyOf(withOutcome(before, { ...before, ...after }, AT_MS)).outcomes;
}

describe('what is noted of a write', () => {
  it('is nothing when no refresh ended', () => {
    assert.deepEqual(noted({ attempt: anAttempt(AT_MS) }), []);
    assert.deepEqual(noted({ state: 'paused' }), []);
    assert.deepEqual(noted({ state: 'removed', generation: 2 }), []);
  });

  it('is a new token when an attempt keeps its own pair, and an adopted one when it was found', () => {
    const pair = aPair({ generation: 2, attempt: 'attempt-2' });
    const attempt = { ...anAttempt(AT_MS), id: 'attempt-2' };
    assert.deepEqual(noted({ generation: 2, pair, attempt }), [
      { atMs: AT_MS, generation: 2, outcome: 'refreshed' },
    ]);
    assert.deepEqual(noted({ generation: 2, pair }), [{ atMs: AT_MS, generation: 2, outcome: 'adopted' }]);
  });

  it('is a late answer that was kept aside', () => {
    const aside = { ...before.aside, spares: [aPair({ attempt: 'late' })] };
    assert.deepEqual(noted({ aside }), [{ atMs: AT_MS, generation: 1, outcome: 'late' }]);
  });

  it('is a publish that failed, once for each reason', () => {
    const publication = { ...before.publication, reason: 'AccessDeniedException' };
    const failed = { ...before, publication };
    const first = withOutcome(before, failed as typeof before, AT_MS);
    const again = withOutcome(failed as typeof before, first, AT_MS + 1);
    assert.deepEqual(historyOf(again).outcomes, [
      { atMs: AT_MS, generation: 1, outcome: 'unpublished', reason: 'AccessDeniedException' },
    ]);
  });
});

describe('a history', () => {
  it('holds the last ten changes', () => {
    let record = before;
    for (let at = 0; at < 12; at += 1)
      record = withChange(record, { atMs: AT_MS + at, change: 'paused', by: `p${at}` }) ?? record;
    const { changes } = historyOf(record);
    assert.deepEqual([changes.length, changes[0]?.by, changes.at(-1)?.by], [10, 'p11', 'p2']);
  });

  it('leaves out what it cannot read', () => {
    const history = {
      outcomes: ['', '!', 'mihx', 'mihx one', 'mihx 3'],
      changes: ['mihx danced - -', 'mihx'],
    };
    const { outcomes, changes } = historyOf({ history });
    assert.deepEqual([outcomes.length, outcomes[0]?.generation, changes], [1, 3, []]);
  });
});
