import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { RateWindow } from '../../../local/sandboxes/provider/rate-window.ts';
import { timing } from '../../../shared/config/timing.ts';
import { sustainable } from '../../../shared/quota/demand.ts';
import { MAX_TRACKED, spreadWindow, trackedWindow } from '../../../shared/quota/tracked-window.ts';
import { limitOf, permitOf, QuotaWorld, WINDOW_MS } from './quota-world.ts';

describe('the window that is kept for a quota', () => {
  it('is the quota itself up to what one item holds', () => {
    for (const limit of [1, 10, MAX_TRACKED]) {
      assert.deepEqual(trackedWindow(limitOf(limit)), { limit, windowMs: WINDOW_MS });
    }
  });

  it('is a part of it beyond', () => {
    assert.deepEqual(trackedWindow(limitOf(MAX_TRACKED + 1)), { limit: 250, windowMs: WINDOW_MS / 2 });
    assert.deepEqual(trackedWindow(limitOf(2000)), { limit: 500, windowMs: WINDOW_MS / 4 });
  });

  it('never lets more through in any whole window than the quota allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (limit) => {
        const part = trackedWindow(limitOf(limit));
        const parts = Math.round(WINDOW_MS / part.windowMs);
        assert.ok(part.limit >= 1 && part.limit <= MAX_TRACKED);
        assert.ok(part.limit * parts <= limit);
        assert.ok(part.limit * parts > limit - parts, 'and hardly less');
      }),
    );
  });

  it('says honestly what can be used of it', () => {
    const of = (limit: number) => Math.floor(sustainable(limitOf(limit), timing(1)));
    assert.deepEqual([of(10), of(500), of(2000), of(10_000)], [8, 441, 1304, 2727]);
  });
});

describe('the part of a window over which the schedule spreads its requests', () => {
  it('is about a tick, and loses a tenth of the limit at most', () => {
    const of = (limit: number, seconds: number) =>
      spreadWindow({ key: 'long', limit, windowMs: seconds * 1000 }, timing(1).tickMs);
    assert.deepEqual(of(10, 60), { limit: 10, windowMs: 60_000 });
    assert.deepEqual(of(100, 600), { limit: 10, windowMs: 60_000 });
    assert.deepEqual(of(15, 600), { limit: 2, windowMs: 600_000 / 7 });
    assert.deepEqual(of(3, 600), { limit: 3, windowMs: 600_000 });
    assert.deepEqual(of(1000, 3600), { limit: 16, windowMs: 60_000 });
  });
});

describe('a quota of 2000 a minute', () => {
  it('serves more than one item would hold, and keeps the item small and the limit exact', async () => {
    const world = new QuotaWorld();
    const { quota, clock } = world.container();
    const provider = new RateWindow(2000, WINDOW_MS);
    let granted = 0;
    let largestBytes = 0;
    // As much as it gives, for two and a half minutes.
    for (const untilMs = clock.nowMs() + 2.5 * WINDOW_MS; clock.nowMs() < untilMs; ) {
      const acquired = await world.drive(quota.acquire(limitOf(2000), clock.nowMs(), { priority: 'urgent' }));
      if ('freeAtMs' in acquired) {
        await world.clock.advance(acquired.freeAtMs - clock.nowMs());
        continue;
      }
      granted += 1;
      assert.equal(provider.arrive(clock.nowMs()).admitted, true);
      if (granted % 250 === 0) {
        largestBytes = Math.max(largestBytes, JSON.stringify(marshall(world.record())).length);
        await world.drive(quota.settle(permitOf(acquired), clock.nowMs()));
      }
    }
    assert.ok(granted > 2 * 2000, `only ${granted}`);
    assert.ok(largestBytes < 40_000, `${largestBytes} bytes`);
  });
});
