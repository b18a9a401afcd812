import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { leavesByMs, TickRhythm } from '../../../shared/refresh/tick/tick-rhythm.ts';

const NOW_MS = 1_000_000;
const TICK_MS = 60_000;
const OLD_MS = 3_600_000;
const TIMES = timing(1);

/** A tick that begins at `nowMs` in a process that is so old. */
function begin(rhythm: TickRhythm, nowMs: number, upMs = OLD_MS, index = 0): number {
  const clock = { nowMs: () => nowMs, monotonicMs: () => upMs, sleep: () => Promise.resolve() };
  return rhythm.nextMs(clock, { index, of: 2 }, TIMES);
}

describe('when the next tick comes', () => {
  it('is a tick after this one was sent, however long its process took to start', () => {
    assert.equal(begin(new TickRhythm(), NOW_MS), NOW_MS + TICK_MS);
    assert.equal(begin(new TickRhythm(), NOW_MS, 700), NOW_MS - 700 + TICK_MS);
    assert.equal(begin(new TickRhythm(), NOW_MS, 2000), NOW_MS + TICK_MS, 'started for something else');
  });

  it('is as much earlier as ticks came of late', () => {
    const rhythm = new TickRhythm();
    begin(rhythm, NOW_MS);
    assert.equal(begin(rhythm, NOW_MS + TICK_MS + 500), NOW_MS + 2 * TICK_MS + 500, 'one that is late');
    const early = begin(rhythm, NOW_MS + 2 * TICK_MS);
    assert.equal(early, NOW_MS + 3 * TICK_MS - 500);
    // One that another container had is between.
    assert.equal(begin(rhythm, NOW_MS + 4 * TICK_MS), NOW_MS + 5 * TICK_MS - 490);
    let [atMs, nextMs] = [NOW_MS + 4 * TICK_MS, 0];
    for (let ticks = 0; ticks < 300; ticks += 1) {
      atMs += TICK_MS;
      nextMs = begin(rhythm, atMs);
    }
    assert.ok(nextMs > atMs + TICK_MS - 2, 'it fades');
  });

  it('is not known better by a tick that comes twice, by another schedule, or by a clock that is set', () => {
    const rhythm = new TickRhythm();
    begin(rhythm, NOW_MS);
    assert.equal(begin(rhythm, NOW_MS + 20_000), NOW_MS + 20_000 + TICK_MS);
    assert.equal(begin(rhythm, NOW_MS + 50_000, OLD_MS, 1), NOW_MS + 50_000 + TICK_MS);
    assert.equal(begin(rhythm, NOW_MS - 10_000), NOW_MS - 10_000 + TICK_MS);
  });

  it('is a moment after a tick should be over', () => {
    assert.equal(leavesByMs(NOW_MS, TIMES), NOW_MS - 400);
  });
});
