import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BUCKETS, bucketOf, type Shard } from '../../../shared/config/shards.ts';
import { tick } from '../../../shared/refresh/tick/tick.ts';
import { World } from '../../support/world.ts';

const IDS = Array.from({ length: 40 }, (_, n) => `acme-${n}`);

async function seeded(ids = IDS): Promise<World> {
  const world = new World();
  for (const id of ids) await world.seed(id, { publish: 'none', quota: undefined });
  return world;
}

/** One tick of each schedule, in containers of their own, at the same time. */
function ticksOf(world: World, shards: readonly Shard[]) {
  const invocation = { remainingMs: () => 600_000 };
  return world.drive(Promise.all(shards.map((shard) => tick(world.newContainer(), invocation, shard))));
}

describe('ticks of several schedules', () => {
  for (const count of [2, 3, BUCKETS]) {
    it(`refresh together all that is due, and each credential once: ${count}`, async () => {
      const world = await seeded();
      const reports = await ticksOf(
        world,
        Array.from({ length: count }, (_, index) => ({ index, of: count })),
      );
      for (const id of IDS) assert.equal((await world.record(id)).generation, 1, id);
      assert.equal(world.endpoint.received.length, IDS.length);
      assert.equal(
        reports.reduce((sum, { due }) => sum + due, 0),
        IDS.length,
      );
      assert.ok(reports.every(({ due }) => due > 0 && due < IDS.length));
    });
  }

  it('leave to each other what is of the other', async () => {
    const world = await seeded();
    await ticksOf(world, [{ index: 1, of: 2 }]);
    for (const id of IDS) {
      const isOwn = bucketOf({ credential: id }) % 2 === 1;
      assert.equal((await world.record(id)).generation, isOwn ? 1 : 0, id);
    }
  });

  it('may be another number from one minute to the next', async () => {
    const world = await seeded();
    await ticksOf(world, [{ index: 0, of: 4 }]);
    await ticksOf(world, [
      { index: 0, of: 3 },
      { index: 1, of: 3 },
      { index: 2, of: 3 },
    ]);
    for (const id of IDS) assert.equal((await world.record(id)).generation, 1, id);
  });

  it('are missed by the schedule before, when one of them has stopped', async () => {
    const world = await seeded([]);
    const shards: Shard[] = [
      { index: 0, of: 2 },
      { index: 1, of: 2 },
    ];
    await ticksOf(world, shards);
    const minutes = 4;
    for (let minute = 0; minute < minutes; minute += 1) {
      await world.clock.advance(60_000);
      await ticksOf(world, shards.slice(0, 1));
    }
    assert.equal(Math.max(...world.telemetry.values('SecondsSinceLastTick')), minutes * 60);
  });

  it('count what has expired in any of them', async () => {
    const world = await seeded();
    const quota = { key: 'closed', limit: 1, windowMs: 60_000 };
    await world.seed('late', { quota });
    await world.container.quota.close(quota, world.clock.nowMs() + 3_600_000);
    const other = 1 - (bucketOf({ credential: 'late', quotaKey: quota.key }) % 2);
    await ticksOf(world, [{ index: other, of: 2 }]);
    const expired = IDS.filter((id) => bucketOf({ credential: id }) % 2 !== other).length + 1;
    assert.equal(world.telemetry.values('ExpiredCredentials').at(-1), expired);
  });
});
