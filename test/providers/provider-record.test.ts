import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fingerprint, issued } from '../../local/sandboxes/provider/fingerprint.ts';
import { ProviderRecord } from './provider-record.ts';

const OWNER = 'fake-client';
const client = fingerprint(OWNER);

function twoTokens() {
  const record = new ProviderRecord();
  const refreshToken = issued('fake-refresh-1', Number.POSITIVE_INFINITY);
  record.add({ type: 'granted', atMs: 0, client, scope: 'a', refreshToken });
  const rotated = (atMs: number, from: number) => {
    record.add({ type: 'arrived', atMs, faulty: false });
    record.add({
      type: 'rotated',
      atMs,
      spent: fingerprint(`fake-refresh-${from}`),
      accessToken: issued(`fake-access-${from}`, atMs + 10_000),
      refreshToken: issued(`fake-refresh-${from + 1}`, Number.POSITIVE_INFINITY),
    });
  };
  rotated(0, 1);
  rotated(12_000, 2);
  return record;
}

it('the record of a provider counts the seconds in which no token of an owner lived', () => {
  const record = twoTokens();
  assert.equal(record.tokensOf(OWNER), 2);
  assert.equal(record.expiredSeconds(OWNER, 22_000), 2);
  assert.equal(record.expiredSeconds(OWNER, 25_000), 5);
});

it('the record of a provider tells the newest refresh token, and the busiest window', () => {
  const record = twoTokens();
  assert.equal(record.isNewest(OWNER, 'fake-refresh-3'), true);
  assert.equal(record.isNewest(OWNER, 'fake-refresh-2'), false);
  assert.deepEqual([record.busiestWindow(12_000), record.busiestWindow(12_001)], [1, 2]);
});
