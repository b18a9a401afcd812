import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RateWindow } from '../../../../local/sandboxes/provider/rate-window.ts';

const WINDOW_MS = 60_000;

function filledAt(atMs: number): RateWindow {
  const window = new RateWindow(10, WINDOW_MS);
  for (let i = 0; i < 10; i++) assert.equal(window.arrive(atMs).admitted, true);
  return window;
}

test('the tenth arrival in a window is admitted, the eleventh is not', () => {
  assert.equal(filledAt(0).arrive(0).admitted, false);
});

test('an arrival one millisecond before the window is over is turned away and told to wait that millisecond', () => {
  assert.deepEqual(filledAt(0).arrive(59_999), { admitted: false, retryAfterMs: 1 });
});

test('an arrival exactly one window later is admitted', () => {
  assert.deepEqual(filledAt(0).arrive(60_000), { admitted: true, retryAfterMs: 0 });
});

test('twenty arrivals around the turn of a clock minute are not let through', () => {
  const window = new RateWindow(10, WINDOW_MS);
  const admitted = [59_000, 61_000].flatMap((atMs) =>
    Array.from({ length: 10 }, () => window.arrive(atMs).admitted),
  );
  assert.equal(admitted.filter(Boolean).length, 10);
});

test('an arrival that is turned away occupies the window like any other', () => {
  const window = filledAt(0);
  window.arrive(30_000);
  for (let i = 0; i < 9; i++) assert.equal(window.arrive(60_000).admitted, true);

  assert.deepEqual(window.arrive(60_000), { admitted: false, retryAfterMs: 60_000 });
  assert.equal(window.busiest, 11);
});

test('a wall clock that is set back does not block the window until it has caught up', () => {
  const window = filledAt(3_600_000);
  assert.equal(window.arrive(0).admitted, false);
  assert.equal(window.arrive(WINDOW_MS).admitted, true);
});

test('the busiest window is the most arrivals in any half-open span of the window, whatever the pattern', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 60 }), (gapsMs) => {
      let nowMs = 0;
      const timesMs = gapsMs.map((gapMs) => {
        nowMs += gapMs;
        return nowMs;
      });
      const window = new RateWindow(10, WINDOW_MS);
      const admitted = timesMs.map((atMs) => window.arrive(atMs).admitted);

      const upTo = timesMs.map(
        (end, i) => timesMs.slice(0, i + 1).filter((at) => end - at < WINDOW_MS).length,
      );
      const fromOn = timesMs.map(
        (start) => timesMs.filter((at) => at >= start && at - start < WINDOW_MS).length,
      );
      assert.equal(window.busiest, Math.max(...fromOn));
      assert.deepEqual(
        admitted,
        upTo.map((count) => count <= 10),
      );
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('whoever waits as long as told, alone, is admitted, and a millisecond less is not enough', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 11, maxLength: 30 }), (gapsMs) => {
      const replay = (extraMs: number) => {
        const window = new RateWindow(10, WINDOW_MS);
        let nowMs = 0;
        let retryAfterMs = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          ({ retryAfterMs } = window.arrive(nowMs));
        }
        return retryAfterMs === 0 ? undefined : window.arrive(nowMs + retryAfterMs + extraMs).admitted;
      };
      assert.notEqual(replay(0), false);
      assert.notEqual(replay(-1), true);
    }),
    { seed: 2, numRuns: 200 },
  );
});
