import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Use } from '../support/workload.ts';
import { brokenPromises, unexcusedDeadTokens } from './dead-tokens.ts';

const USE: Use = {
  door: 'lanes',
  credential: 'acme',
  generation: 7,
  refreshAfterMs: 5000,
  readFromMs: 6000,
  readUntilMs: 6004,
  usedFromMs: 6005,
  usedUntilMs: 6010,
  status: 401,
};

test('a read that began before the successor was published excuses a dead token, a later one does not', () => {
  const publishedAtMs = new Map([[8, 6000]]);
  const late = { ...USE, readFromMs: 6002 };

  assert.deepEqual(unexcusedDeadTokens([USE, late], publishedAtMs), [late]);
});

test('a living token needs no excuse, and a successor that was never published excuses every read', () => {
  const alive = { ...USE, readFromMs: 9000, status: 200 };

  assert.deepEqual(unexcusedDeadTokens([alive], new Map([[8, 6000]])), []);
  assert.deepEqual(unexcusedDeadTokens([USE], new Map([[7, 1000]])), []);
});

test('a token that is dead before its refresh_after is a broken promise, one that is dead after it is not', () => {
  const early = { ...USE, usedUntilMs: 4998 };
  const atTheEdge = { ...USE, usedUntilMs: 5000 };

  assert.deepEqual(brokenPromises([early, atTheEdge, { ...early, status: 200 }]), [early]);
});
