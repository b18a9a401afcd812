import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bs2Rules } from '../../../../local/sandboxes/bs2/bs2-rules.ts';

test('unscaled, the numbers are those of the document', () => {
  assert.deepEqual(bs2Rules('prd', 1), {
    accessTokenMs: 300_000,
    refreshTokenMs: 172_800_000,
    expiresInSeconds: 300,
    quota: 10,
    quotaWindowMs: 60_000,
  });
  assert.equal(bs2Rules('hml', 1).expiresInSeconds, 420);
});

test('every time is divided by the scale, the quota is not', () => {
  assert.deepEqual(bs2Rules('prd', 60), {
    accessTokenMs: 5_000,
    refreshTokenMs: 2_880_000,
    expiresInSeconds: 5,
    quota: 10,
    quotaWindowMs: 1_000,
  });
});

test('expires_in is a whole number of seconds that the token really lives, and at least 1', () => {
  assert.equal(bs2Rules('prd', 7).expiresInSeconds, 42);
  assert.equal(bs2Rules('prd', 300).expiresInSeconds, 1);
  assert.equal(bs2Rules('prd', 1_000).expiresInSeconds, 1);
});

test('a scale that is not above 0 is refused', () => {
  for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => bs2Rules('hml', scale), RangeError);
  }
});
