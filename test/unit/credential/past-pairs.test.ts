import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forgetRefreshToken } from '../../../shared/credential/transitions/attempt.ts';
import { goBack } from '../../../shared/credential/transitions/chain.ts';
import { recoverTo } from '../../../shared/credential/transitions/pair.ts';
import { AT_MS, anAttempt, aPair, aRecord } from '../../support/records.ts';
import { once } from './once.ts';

const NOW_MS = AT_MS + 160_000;
const doubt = { sinceMs: AT_MS, quietUntilMs: NOW_MS + 10_000 };

describe('a pair that the vault had', () => {
  it('is not doubted for what happened to the pair before it', () => {
    const pair = aPair({ generation: 2, attempt: 'attempt-9' });
    const recovered = once((record) => recoverTo(record, pair, NOW_MS), aRecord({ doubt }));
    assert.equal(recovered.generation, 2);
    assert.equal(recovered.doubt, undefined);
  });
});

describe('going back to the chain before a reseed', () => {
  const attempt = anAttempt(AT_MS + 150_000);
  const reseeded = aRecord({
    chain: 'chain-2',
    attempt,
    aside: { spares: [], past: [], previous: { pair: aPair(), publishedGeneration: 1 } },
  });

  it('leaves the attempt of another alone', () => {
    assert.equal(goBack(reseeded, 'chain-2', 'attempt-9'), undefined);
    assert.equal(goBack(reseeded, 'chain-2'), undefined);
  });

  it("ends the caller's own attempt", () => {
    const back = once((record) => goBack(record, 'chain-2', attempt.id), reseeded);
    assert.deepEqual([back.chain, back.attempt], ['chain-1', undefined]);
  });
});

describe('a refresh token that is of no more use', () => {
  it('takes its doubt and its quiet time with it: a login need not wait', () => {
    const attempt = anAttempt(AT_MS + 150_000);
    const before = aRecord({ grant: 'password', attempt, doubt });
    const forgotten = once((record) => forgetRefreshToken(record, attempt, NOW_MS), before);
    assert.equal(forgotten.pair?.sealedRefresh, undefined);
    assert.equal(forgotten.doubt, undefined);
    assert.equal(forgotten.refreshAtMs, NOW_MS);
  });
});
