import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bs2Rules } from '../../../../local/sandboxes/bs2/bs2-rules.ts';
import { expiresInSeconds } from '../../../../local/sandboxes/provider/rules.ts';

test('unscaled, the numbers are those of the documents', () => {
  const { accessToken, refreshToken, quota } = bs2Rules('prd', 1);
  assert.deepEqual(accessToken, { lifeMs: 300_000, expiresIn: 'stated', alive: 1 });
  assert.deepEqual(refreshToken, {
    rotation: 'immediate',
    lifeMs: 172_800_000,
    passwordLifeMs: 600_000,
    lifetime: 'own',
  });
  assert.deepEqual(quota, { limit: 10, windowMs: 60_000, per: 'provider' });
  assert.equal(bs2Rules('hml', 1).accessToken.lifeMs, 420_000);
});

test('every time is divided by the scale, the quota is not', () => {
  const { accessToken, refreshToken, quota } = bs2Rules('prd', 60);
  assert.deepEqual(
    [accessToken.lifeMs, refreshToken.lifeMs, refreshToken.passwordLifeMs, quota],
    [5_000, 2_880_000, 10_000, { limit: 10, windowMs: 1_000, per: 'provider' }],
  );
});

test('expires_in is a whole number of seconds that the token really lives, and at least 1', () => {
  const stated = (scale: number) => expiresInSeconds(bs2Rules('prd', scale).accessToken);
  assert.deepEqual([7, 300, 1_000].map(stated), [42, 1, 1]);
});

test('a scale that is not above 0 is refused', () => {
  for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => bs2Rules('hml', scale), RangeError);
  }
});
