import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { laneAt, laneBefore, laneCount } from '../../../shared/vault/lanes.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const VERSION_QUOTA = 100;

describe('the number of lanes', () => {
  it('is that of the design for the lifetimes in use', () => {
    assert.equal(laneCount(5 * MINUTE_MS, DAY_MS), 12, 'BS2 PRD');
    assert.equal(laneCount(7 * MINUTE_MS, DAY_MS), 9, 'BS2 HML');
    assert.equal(laneCount(60 * MINUTE_MS, DAY_MS), 1, 'an hour');
    assert.equal(laneCount(59 * MINUTE_MS, DAY_MS), 2);
    assert.equal(laneCount(10 * DAY_MS, DAY_MS), 1);
  });

  it('is 20 from three minutes down', () => {
    assert.equal(laneCount(3 * MINUTE_MS, DAY_MS), 20);
    assert.equal(laneCount(3 * MINUTE_MS + 10_000, DAY_MS), 19);
    assert.equal(laneCount(2 * MINUTE_MS, DAY_MS), 20);
    assert.equal(laneCount(1000, DAY_MS), 20);
  });

  it('does not depend on the scale', () => {
    for (const scale of [1, 3, 7, 50, 60]) {
      assert.equal(laneCount(300_000 / scale, DAY_MS / scale), 12);
      assert.equal(laneCount(Math.floor(300_000 / scale), DAY_MS / scale), 12, 'cut to milliseconds');
      assert.equal(laneCount(Math.floor(420_000 / scale), DAY_MS / scale), 9);
    }
  });
});

describe('the lane of a moment', () => {
  it('changes at the slots of the UTC day, which cover it in equal parts', () => {
    const midnight = Date.UTC(2026, 2, 1);
    for (let lanes = 1; lanes <= 20; lanes += 1) {
      for (let lane = 0; lane < lanes; lane += 1) {
        const beginsMs = midnight + Math.ceil((lane * DAY_MS) / lanes);
        const endsMs = midnight + Math.ceil(((lane + 1) * DAY_MS) / lanes);
        assert.equal(laneAt(beginsMs, lanes, DAY_MS), lane);
        assert.equal(laneAt(endsMs - 1, lanes, DAY_MS), lane);
        assert.equal(laneAt(beginsMs - 1, lanes, DAY_MS), laneBefore(lane, lanes));
        assert.ok(Math.abs(endsMs - beginsMs - DAY_MS / lanes) < 1);
      }
    }
  });

  it('is always one of the lanes, at any scale', () => {
    const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(
        moment,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5000 }),
        (atMs, lanes, scale) => {
          const lane = laneAt(atMs, lanes, DAY_MS / scale);
          assert.ok(Number.isInteger(lane) && lane >= 0 && lane < lanes);
        },
      ),
    );
  });
});

describe('the version quota', () => {
  it('is kept in any day, and in any two days, by a token refreshed at the first tick after half-life', () => {
    const lifetime = fc.integer({ min: 3 * 60, max: 3 * 3600 });
    fc.assert(
      fc.property(lifetime, fc.integer({ min: 0, max: DAY_MS }), (lifeSeconds, startMs) => {
        const lifeMs = lifeSeconds * 1000;
        const writes = writesByLane(
          lifeMs,
          startMs,
          3 * DAY_MS,
          (ms) => Math.ceil(ms / MINUTE_MS) * MINUTE_MS,
        );
        assert.ok(mostWithin(writes, DAY_MS) <= 50);
        // One version more: the placeholder, or the current one that outlives its day.
        assert.ok(mostWithin(writes, 2 * DAY_MS) + 1 < VERSION_QUOTA);
      }),
      { numRuns: 60 },
    );
  });

  it('is kept in any two days even when every refresh comes exactly at half-life', () => {
    for (const lifeSeconds of [180, 190, 300, 420, 599, 3599, 3600]) {
      const writes = writesByLane(lifeSeconds * 1000, 12_345, 3 * DAY_MS, (ms) => ms);
      assert.ok(mostWithin(writes, 2 * DAY_MS) + 1 < VERSION_QUOTA, `${lifeSeconds} s`);
    }
  });

  it('is kept in any day by the shortest lives too, because a tick is a minute', () => {
    const writes = writesByLane(20_000, 0, 3 * DAY_MS, (ms) => Math.ceil(ms / MINUTE_MS) * MINUTE_MS);
    assert.ok(mostWithin(writes, DAY_MS) < VERSION_QUOTA);
  });

  it('would be broken by one lane less than a half of them', () => {
    const writes = writesByLane(300_000, 0, 3 * DAY_MS, (ms) => ms, 5);
    assert.ok(mostWithin(writes, DAY_MS) >= VERSION_QUOTA);
  });
});

/** When a credential is published, by lane: at `renewed` of each half-life. */
function writesByLane(
  lifeMs: number,
  startMs: number,
  forMs: number,
  renewed: (halfLifeMs: number) => number,
  lanes: number = laneCount(lifeMs, DAY_MS),
): number[][] {
  const writes: number[][] = Array.from({ length: lanes }, () => []);
  for (let atMs = startMs; atMs < startMs + forMs; atMs += renewed(lifeMs / 2)) {
    writes[laneAt(atMs, lanes, DAY_MS)]?.push(atMs);
  }
  return writes;
}

/** Most writes of one lane within any span of that length. */
function mostWithin(writes: readonly (readonly number[])[], spanMs: number): number {
  let most = 0;
  for (const times of writes) {
    let first = 0;
    times.forEach((atMs, index) => {
      while ((times[first] ?? atMs) <= atMs - spanMs) first += 1;
      most = Math.max(most, index - first + 1);
    });
  }
  return most;
}
