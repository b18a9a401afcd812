import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Attempt } from '../../../shared/credential/credential.ts';
import { begin, clearTraceless, fail, finish } from '../../../shared/credential/transitions/attempt.ts';
import { AT_MS, anAttempt, aRecord, published } from '../../support/records.ts';
import { once } from './once.ts';

const attempt = anAttempt(AT_MS + 150_000);
const other: Attempt = { ...attempt, id: 'attempt-3' };
const begun = aRecord({ attempt });
const NOW_MS = AT_MS + 160_000;

describe('beginning an attempt', () => {
  it('takes a credential that nobody has, once', () => {
    assert.equal(once((record) => begin(record, attempt), aRecord()).attempt, attempt);
  });

  it('leaves a credential to whoever has it, except for the one it replaces', () => {
    assert.equal(begin(begun, other), undefined);
    assert.equal(begin(begun, other, 'attempt-9'), undefined);
    assert.equal(begin(begun, other, attempt.id)?.attempt, other);
  });
});

describe('clearing an attempt without a trace', () => {
  it('makes way for the next, at once, and remembers the doubt', () => {
    const cleared = once((record) => clearTraceless(record, attempt.id, NOW_MS), begun);
    assert.equal(cleared.attempt, undefined);
    assert.equal(cleared.refreshAtMs, NOW_MS);
    assert.equal(cleared.doubt?.sinceMs, attempt.beganAtMs);
  });

  it('keeps the first doubt', () => {
    const doubted = { ...begun, doubt: { sinceMs: AT_MS } };
    assert.equal(clearTraceless(doubted, attempt.id, NOW_MS)?.doubt?.sinceMs, AT_MS);
  });

  it('leaves the attempt of another', () => {
    assert.equal(clearTraceless(begun, other.id, NOW_MS), undefined);
  });
});

describe('finishing an attempt', () => {
  it('notes what is published, once', () => {
    const record = { ...begun, publication: published(0, { retryAtMs: 5 }) };
    const done = once((now) => finish(now, attempt.id, record, { ok: true }), record);
    assert.equal(done.attempt, undefined);
    assert.equal(done.publication.generation, 1);
    assert.equal(done.publication.retryAtMs, undefined);
  });

  it('notes when a failed publish is tried again', () => {
    const record = { ...begun, publication: published(0) };
    const done = once(
      (now) => finish(now, attempt.id, record, { ok: false, reason: 'store-unavailable', retryAtMs: NOW_MS }),
      record,
    );
    assert.equal(done.publication.generation, 0);
    assert.equal(done.publication.retryAtMs, NOW_MS);
  });

  it('leaves to be published what is wanted otherwise since', () => {
    const record = { ...begun, publication: published(0) };
    const otherwise = { ...record, publish: 'pair', publication: published(0, { changes: 1 }) } as const;
    const resealed = { ...record, pair: record.pair && { ...record.pair, sealedRefresh: 'anew' } };
    for (const changed of [otherwise, resealed]) {
      assert.deepEqual(finish(changed, attempt.id, record, { ok: true }), { ...changed, attempt: undefined });
    }
  });

  it('only ends the attempt when a newer pair came meanwhile', () => {
    const newer = { ...begun, generation: 2, publication: published(0) };
    const done = finish(newer, attempt.id, begun, { ok: true });
    assert.deepEqual(done, { ...newer, attempt: undefined });
  });

  it('leaves the attempt of another', () => {
    assert.equal(finish(begun, other.id, begun, { ok: true }), undefined);
  });
});

describe('failing an attempt', () => {
  const failed = {
    outcome: 'unknown',
    reason: 'ECONNRESET',
    atMs: NOW_MS,
    retryAtMs: NOW_MS + 5000,
  } as const;

  it('ends it, counts it and says when to try again, once', () => {
    const done = once((record) => fail(record, failed, attempt), begun);
    assert.equal(done.attempt, undefined);
    assert.equal(done.refreshAtMs, NOW_MS + 5000);
    const { atMs, ...said } = failed;
    assert.deepEqual(done.failure, { count: 1, alike: 1, sinceMs: NOW_MS, lastAtMs: atMs, ...said });
  });

  it('counts on, and remembers since when', () => {
    const before = {
      count: 4,
      sinceMs: AT_MS,
      lastAtMs: AT_MS,
      outcome: 'throttled',
      reason: 'http-429',
    } as const;
    const { failure } = fail({ ...begun, failure: before }, failed, attempt) ?? {};
    const { atMs, ...said } = failed;
    assert.deepEqual(failure, { ...before, count: 5, alike: 1, lastAtMs: atMs, ...said });
  });

  it('keeps the first doubt and the latest quiet time', () => {
    const doubt = { ...failed, doubt: { sinceMs: NOW_MS, quietUntilMs: NOW_MS + 9 } };
    const first = fail(begun, doubt, attempt);
    assert.equal(first?.doubt?.sinceMs, NOW_MS);
    assert.equal(first?.doubt?.quietUntilMs, NOW_MS + 9);
    const second = fail({ ...begun, doubt: { sinceMs: AT_MS, quietUntilMs: 1 } }, doubt, attempt);
    assert.equal(second?.doubt?.sinceMs, AT_MS);
    assert.equal(second?.doubt?.quietUntilMs, NOW_MS + 9);
    assert.equal(
      fail({ ...begun, doubt: { sinceMs: AT_MS, quietUntilMs: 1 } }, failed, attempt)?.doubt?.quietUntilMs,
      1,
    );
  });

  it('keeps the promise to readers when a forced refresh touched nothing before half-life', () => {
    const early = { ...failed, atMs: begun.refreshAtMs - 1, retryAtMs: begun.refreshAtMs + 90_000 };
    assert.equal(fail(begun, early, attempt)?.refreshAtMs, begun.refreshAtMs);
    assert.equal(fail(begun, { ...early, retryAtMs: 1 }, attempt)?.refreshAtMs, begun.refreshAtMs);
    assert.equal(fail(begun, { ...early, atMs: begun.refreshAtMs }, attempt)?.refreshAtMs, early.retryAtMs);
  });

  it('breaks that promise when the token may be dead', () => {
    const doubtful = { ...failed, atMs: AT_MS + 1, retryAtMs: AT_MS + 10_000, doubt: { sinceMs: AT_MS } };
    assert.equal(fail(begun, doubtful, attempt)?.refreshAtMs, AT_MS + 10_000);
  });

  it('only ends the attempt when a newer pair came meanwhile', () => {
    const newer = { ...begun, generation: 2 };
    assert.deepEqual(fail(newer, failed, attempt), { ...newer, attempt: undefined });
  });

  it('leaves the attempt of another', () => {
    assert.equal(fail(begun, failed, other), undefined);
    assert.equal(fail(begun, failed), undefined);
  });
});
