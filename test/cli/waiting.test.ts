import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidWhileWaiting } from '../../cli/waiting.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';

const terminal = (isTTY: boolean) => {
  const lines: string[] = [];
  return { lines, isTTY, write: (text: string) => lines.push(text) };
};

test('an answer that takes long is said to be waited for, once', async () => {
  const clock = new ManualClock(0);
  const stderr = terminal(true);
  const { promise, resolve } = Promise.withResolvers<string>();
  const waited = saidWhileWaiting({ clock, stderr }, promise);
  await clock.advance(3999);
  assert.deepEqual(stderr.lines, []);
  await clock.advance(60_000);
  assert.equal(stderr.lines.length, 1);
  assert.match(stderr.lines[0] ?? '', /^Still waiting/);
  resolve('the answer');
  assert.equal(await waited, 'the answer');
});

test('one that comes soon, or fails soon, leaves no line and nobody asleep', async () => {
  const clock = new ManualClock(0);
  const stderr = terminal(true);
  assert.equal(await saidWhileWaiting({ clock, stderr }, Promise.resolve('soon')), 'soon');
  await assert.rejects(saidWhileWaiting({ clock, stderr }, Promise.reject(new Error('fake'))), /fake/);
  await clock.advance(60_000);
  assert.deepEqual([stderr.lines, clock.sleeping], [[], 0]);
});

test('nothing is said where nobody looks', async () => {
  const clock = new ManualClock(0);
  const stderr = terminal(false);
  const waited = saidWhileWaiting({ clock, stderr }, Promise.resolve('late'));
  assert.equal(clock.sleeping, 0);
  await waited;
});
