import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, moment, roughly, timeLeft } from '../../cli/format/duration.ts';
import { at, NOW_MS } from './run-command.ts';

const cases: readonly [seconds: number, text: string][] = [
  [-1, 'less than 1 s'],
  [0.999, 'less than 1 s'],
  [1, '1 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [192, '3 min 12 s'],
  [3599, '59 min 59 s'],
  [3600, '1 h'],
  [3659, '1 h'],
  [47 * 3600 + 600, '47 h 10 min'],
  [96 * 3600 - 1, '95 h 59 min'],
  [96 * 3600, '4 d'],
  [97 * 3600, '4 d 1 h'],
];
for (const [seconds, text] of cases) {
  test(`${seconds} s is said as "${text}"`, () => assert.equal(duration(seconds * 1000), text));
}

test('one part says the largest unit only', () => assert.equal(duration(192_000, 1), '3 min'));

const inSentences: readonly [seconds: number, text: string][] = [
  [192, '3 min'],
  [3599, '59 min'],
  [3600, '1 h'],
  [5723, '1 h 35 min'],
  [10 * 3600 - 1, '9 h 59 min'],
  [10 * 3600, '10 h'],
  [47 * 3600 + 3599, '47 h'],
];
for (const [seconds, text] of inSentences) {
  test(`${seconds} s is roughly "${text}"`, () => assert.equal(roughly(seconds * 1000), text));
}

test('time left is counted up to the very end and then said to be over', () => {
  assert.equal(timeLeft(at(0.5), NOW_MS), 'less than 1 s');
  assert.equal(timeLeft(at(0), NOW_MS), 'expired less than 1 s ago');
  assert.equal(timeLeft(at(-130), NOW_MS), 'expired 2 min ago');
});

test('time left of nothing, or of what is not a time, is a dash', () => {
  assert.equal(timeLeft(undefined, NOW_MS), '-');
  assert.equal(timeLeft('soon', NOW_MS), '-');
});

test('a moment is said in UTC with its distance from now', () => {
  assert.equal(moment(at(192), NOW_MS), '2026-01-01 12:03:12 UTC (in 3 min 12 s)');
  assert.equal(moment(at(-60), NOW_MS), '2026-01-01 11:59:00 UTC (1 min ago)');
  assert.equal(moment('never', NOW_MS), 'never');
});
