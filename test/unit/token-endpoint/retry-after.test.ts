import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterSeconds } from '../../../shared/token-endpoint/answer/retry-after.ts';
import { NOW_MS } from './fixtures.ts';

const CASES: [header: string | undefined, seconds: number | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['30', 30],
  [' 30 ', 30],
  ['0', 0],
  ['1.2', 2],
  ['900', 900],
  ['901', 901],
  ['3600', 3600],
  ['9'.repeat(400), 86_400],
  ['-5', undefined],
  ['5m', undefined],
  ['soon', undefined],
  ['1e3', undefined],
  ['2026-11-21T12:01:00Z', undefined],
  // NOW_MS is Sat, 21 Nov 2026 12:00:00 GMT; the three forms of RFC 9110 §5.6.7.
  ['Sat, 21 Nov 2026 12:01:00 GMT', 60],
  ['Saturday, 21-Nov-26 12:01:00 GMT', 60],
  ['Sat Nov 21 12:01:00 2026', 60],
  ['Sat, 21 Nov 2026 11:59:00 GMT', 0],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 82_800],
  ['Mon, 23 Nov 2026 12:00:00 GMT', 86_400],
  ['Sat, 99 Nov 2026 12:01:00 GMT', undefined],
];

for (const [header, seconds] of CASES) {
  test(`Retry-After ${JSON.stringify(header)?.slice(0, 40)} is ${seconds ?? 'not understood'}`, () => {
    assert.equal(retryAfterSeconds(header, NOW_MS), seconds);
  });
}

test('a part of a second is rounded up', () => {
  assert.equal(retryAfterSeconds('Sat, 21 Nov 2026 12:00:10 GMT', NOW_MS + 1), 10);
});
