import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withLanes } from '../../../shared/credential/lane-number.ts';
import { finish } from '../../../shared/credential/transitions/attempt.ts';
import { keep } from '../../../shared/credential/transitions/pair.ts';
import { AT_MS, anAttempt, aPair, aRecord } from '../../support/records.ts';

const DAY_MS = 86_400_000;
const of = (lanes: number, more: object = {}) => ({ lanes, generation: 1, ...more });
const need = (lanes: number, atMs: number) => ({ lanes, atMs, fewerAfterMs: DAY_MS });

describe('the number of lanes', () => {
  it('grows at once, and the next publish tells the readers of every number since the last', () => {
    const grown = withLanes(withLanes(of(1), need(9, 0)), need(12, 1));
    assert.deepEqual([grown.lanes, grown.formerLanes], [12, [1, 9]]);
    const again = withLanes(grown, need(12, 2));
    assert.deepEqual([again.lanes, again.formerLanes], [12, [1, 9]]);
  });

  it('shrinks when for a day no token has needed so many', () => {
    const first = withLanes(of(12), need(1, 1000));
    const second = withLanes(first, need(4, DAY_MS / 2));
    const before = withLanes(second, need(1, DAY_MS + 999));
    assert.deepEqual([before.lanes, before.fewerLanes], [12, { lanes: 4, sinceMs: 1000 }]);
    const after = withLanes(second, need(1, DAY_MS + 1000));
    assert.deepEqual([after.lanes, after.formerLanes, after.fewerLanes], [4, [12], undefined]);
  });

  it('does not shrink while a token now and then needs all of them', () => {
    const needed = withLanes(withLanes(of(12), need(1, 0)), need(12, DAY_MS - 1));
    assert.deepEqual([needed.lanes, needed.fewerLanes], [12, undefined]);
    assert.equal(withLanes(needed, need(1, DAY_MS + 1)).lanes, 12);
  });

  it('of before is forgotten when a publish has told of the new one, and not when it failed', () => {
    const attempt = anAttempt(AT_MS);
    const begun = aRecord({ attempt, publication: of(1) });
    const kept = keep(begun, aPair({ generation: 2, attempt: attempt.id }), 12, DAY_MS) ?? begun;
    const failed = finish(kept, attempt.id, kept, { ok: false, retryAtMs: 1, reason: 'store-unavailable' });
    assert.deepEqual(failed?.publication.formerLanes, [1]);
    const done = finish(kept, attempt.id, kept, { ok: true });
    assert.deepEqual([done?.publication.lanes, done?.publication.formerLanes], [12, []]);
  });

  it('of before that a publish did not know of is told by the next one', () => {
    const attempt = anAttempt(AT_MS);
    const seen = aRecord({ attempt, publication: of(9, { formerLanes: [1] }) });
    const now = { ...seen, publication: of(12, { formerLanes: [1, 9] }) };
    assert.deepEqual(finish(now, attempt.id, seen, { ok: true })?.publication.formerLanes, [9]);
  });
});
