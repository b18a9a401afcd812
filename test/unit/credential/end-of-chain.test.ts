import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Attempt,
  isAnsweredUnread,
  type SealedPair,
  type UnreadableAnswer,
  unreadableAnswersOf,
} from '../../../shared/credential/credential.ts';
import { forgetRefreshToken } from '../../../shared/credential/transitions/attempt.ts';
import { lapse } from '../../../shared/credential/transitions/chain.ts';
import { keepUnreadable } from '../../../shared/credential/transitions/notes.ts';
import { keep } from '../../../shared/credential/transitions/pair.ts';
import { AT_MS, anAttempt, aPair, aRecord } from '../../support/records.ts';
import { once } from './once.ts';

const attempt = anAttempt(AT_MS + 150_000);
const other: Attempt = { ...attempt, id: 'attempt-3' };
const begun = aRecord({ attempt });
const NOW_MS = AT_MS + 160_000;

describe('forgetting a refresh token', () => {
  it('makes the credential log in at once, and keeps its access token', () => {
    const done = once((record) => forgetRefreshToken(record, attempt, NOW_MS), begun);
    assert.equal(done.pair?.sealedRefresh, undefined);
    assert.equal(done.pair?.refreshTokenExpiresAtMs, undefined);
    assert.equal(done.pair?.sealedAccess, aPair().sealedAccess);
    assert.equal(done.refreshAtMs, NOW_MS);
  });

  it('leaves the refresh token of a newer pair', () => {
    const newer = { ...begun, generation: 2, pair: aPair({ generation: 2 }) as SealedPair };
    assert.deepEqual(forgetRefreshToken(newer, attempt, NOW_MS), { ...newer, attempt: undefined });
  });
});

describe('keeping answers that nobody could read', () => {
  const answer = (sealedBody: string, chain = begun.chain, generation = 1): UnreadableAnswer => ({
    ...{ atMs: AT_MS, chain, generation, sealedBody },
  });
  const kept = (answers: readonly UnreadableAnswer[], record = begun) => {
    const after = answers.reduce((seen, one) => keepUnreadable(seen, one) ?? seen, record);
    return unreadableAnswersOf(after.aside).map(({ sealedBody }) => sealedBody.slice(0, 8));
  };

  it('keeps them beside each other, each once', () => {
    const first = answer('first');
    assert.deepEqual(kept([first, answer('second')]), ['first', 'second']);
    assert.equal(
      keepUnreadable({ ...begun, aside: { ...begun.aside, unreadable: first } }, first),
      undefined,
    );
  });

  it('of too many leaves out the later answers to one token first, then the oldest', () => {
    const many = ['1', '2', '3', '4', '5', '6'].map((name) => answer(name));
    assert.deepEqual(kept([...many, answer('b', 'chain-b')]), ['1', '4', '5', '6', 'b']);
    const chains = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => answer(name, `chain-${name}`));
    assert.deepEqual(kept(chains), ['b', 'c', 'd', 'e', 'f']);
  });

  it('of the largest keeps the first answer of a token and the latest: the item stays below 400 KB', () => {
    // 64 KiB in a compact JWE.
    const large = ['first   ', 'second  ', 'third   '].map((name) => answer(name.padEnd(88_000, '.')));
    assert.deepEqual(kept(large), ['first   ', 'third   ']);
  });

  it('keeps the latest alone of a credential that can log in', () => {
    const canLogIn = { ...begun, grant: 'password' } as const;
    assert.deepEqual(kept([answer('first'), answer('second')], canLogIn), ['second']);
  });

  it('knows of the token of each that it is not posted again, and drops them with the first pair of a chain', () => {
    const both = [answer('first'), answer('second', 'chain-b')].reduce(
      (seen, one) => keepUnreadable(seen, one) ?? seen,
      begun,
    );
    assert.deepEqual([isAnsweredUnread(both), isAnsweredUnread({ ...both, chain: 'chain-b' })], [true, true]);
    assert.equal(isAnsweredUnread({ ...both, chain: 'chain-c' }), false);
    const { sealedAccess: _, ...seed } = aPair();
    const done = keep({ ...both, pair: seed }, aPair({ generation: 2, attempt: 'attempt-2' }), 1);
    assert.deepEqual(done && unreadableAnswersOf(done.aside), []);
  });
});

describe('a lapse', () => {
  const why = { atMs: NOW_MS, reason: 'grant-refused' } as const;

  it('ends the chain, once, and says whether an unknown outcome came before', () => {
    const done = once((record) => lapse(record, 1, why, attempt.id), begun);
    assert.equal(done.state, 'lapsed');
    assert.equal(done.attempt, undefined);
    assert.deepEqual(done.lapse, { ...why, afterUnknown: false });
    const doubted = lapse({ ...begun, doubt: { sinceMs: AT_MS } }, 1, why, attempt.id);
    assert.equal(doubted?.lapse?.afterUnknown, true);
  });

  it('of a token whose answer nobody could read says that, however often it is refused since', () => {
    const unreadable = { atMs: AT_MS, chain: begun.chain, generation: 1, sealedBody: 'sealed' };
    const unread = { ...begun, aside: { ...begun.aside, unreadable } };
    const lapsed = lapse(unread, 1, why, attempt.id);
    assert.equal(lapsed?.lapse?.reason, 'answer-unreadable');
    const again = lapsed && lapse({ ...lapsed, attempt }, 1, why, attempt.id);
    assert.equal(again?.lapse?.reason, 'answer-unreadable');
    const older = { ...unread, aside: { ...unread.aside, unreadable: { ...unreadable, generation: 0 } } };
    assert.equal(lapse(older, 1, why, attempt.id)?.lapse?.reason, 'grant-refused');
  });

  it('keeps the access token, which is served while it lives', () => {
    assert.deepEqual(lapse(begun, 1, why, attempt.id)?.pair, aPair());
  });

  it('is not declared while another attempt can still succeed (I6)', () => {
    assert.equal(lapse(begun, 1, why, other.id), undefined);
    assert.equal(lapse(begun, 1, why), undefined);
  });

  it('is not declared of a newer generation: only the attempt ends', () => {
    const newer = { ...begun, generation: 2 };
    assert.deepEqual(lapse(newer, 1, why, attempt.id), { ...newer, attempt: undefined });
  });

  it('is not declared of what is removed, and not twice', () => {
    assert.equal(lapse(aRecord({ state: 'removed' }), 1, why), undefined);
    const lapsed = aRecord({ state: 'lapsed', lapse: { ...why, afterUnknown: false } });
    assert.equal(lapse(lapsed, 1, { ...why, atMs: NOW_MS + 1 }), undefined);
  });

  it('can be declared of what is paused', () => {
    assert.equal(lapse(aRecord({ state: 'paused' }), 1, why)?.state, 'lapsed');
  });
});
