import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../support/fakes/manual-clock.ts';

test('time stands still until it is advanced, and both clocks move together', async () => {
  const clock = new ManualClock(1_000_000);
  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [1_000_000, 0]);

  await clock.advance(250);

  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [1_000_250, 250]);
});

test('a sleeper wakes exactly at its time, not a millisecond before', async () => {
  const clock = new ManualClock();
  let awake = false;
  const nap = clock.sleep(100).then(() => {
    awake = true;
  });

  await clock.advance(99);
  assert.equal(awake, false);
  await clock.advance(1);
  assert.equal(awake, true);
  await nap;
});

test('sleepers wake in the order of their times, each seeing its own time, ties in the order they fell asleep', async () => {
  const clock = new ManualClock(0);
  const log: string[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms);
    log.push(`${name}@${clock.nowMs()}`);
  };
  const all = [sleeper('late', 300), sleeper('tie-1', 200), sleeper('early', 100), sleeper('tie-2', 200)];

  await clock.advance(1_000);

  assert.deepEqual(log, ['early@100', 'tie-1@200', 'tie-2@200', 'late@300']);
  assert.equal(clock.nowMs(), 1_000);
  await Promise.all(all);
});

test('a sleeper that sleeps again within one advance wakes again within it', async () => {
  const clock = new ManualClock(0);
  const wokenAtMs: number[] = [];
  const loop = (async () => {
    while (wokenAtMs.length < 3) {
      await clock.sleep(60);
      wokenAtMs.push(clock.nowMs());
    }
  })();

  await clock.advance(180);

  assert.deepEqual(wokenAtMs, [60, 120, 180]);
  await loop;
});

test('a sleep of nothing, or with a signal that has aborted, is over at once', async () => {
  const clock = new ManualClock();
  await clock.sleep(0);
  await clock.sleep(-5);
  await clock.sleep(1_000, AbortSignal.abort());
  assert.equal(clock.sleeping, 0);
});

test('an abort ends a sleep early, without rejecting and without moving time', async () => {
  const clock = new ManualClock(0);
  const abort = new AbortController();
  const nap = clock.sleep(1_000, abort.signal);
  const other = clock.sleep(500);
  assert.equal(clock.sleeping, 2);

  abort.abort();
  await nap;

  assert.deepEqual([clock.nowMs(), clock.sleeping], [0, 1]);
  await clock.advance(500);
  await other;
});

test('the wall clock can be set back while monotonic time and sleepers go on', async () => {
  const clock = new ManualClock(10_000);
  const nap = clock.sleep(100);

  clock.shiftWall(-5_000);
  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [5_000, 0]);
  await clock.advance(100);

  await nap;
  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [5_100, 100]);
});

test('time does not go backwards by advance', async () => {
  const clock = new ManualClock();
  await assert.rejects(clock.advance(-1), RangeError);
  await assert.rejects(clock.advance(Number.NaN), RangeError);
});
