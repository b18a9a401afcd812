import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { anAttempt } from '../../support/records.ts';
import { World } from '../../support/world.ts';

const MINUTE_MS = 60_000;
const IDS = Array.from({ length: 8 }, (_, n) => `acme-${n}`);

async function generations(world: World): Promise<number[]> {
  const records = await Promise.all(IDS.map((id) => world.record(id)));
  return records.map(({ generation }) => generation);
}

describe('a wall clock that is set back', () => {
  for (const minutes of [1, 5, 60, 24 * 60]) {
    it(`by ${minutes} minutes keeps no token from being renewed`, async () => {
      const world = new World();
      for (const id of IDS) await world.seed(id);
      await world.ticks(20);
      const before = await generations(world);
      world.clock.shiftWall(-minutes * MINUTE_MS);
      await world.ticks(3);
      const after = await generations(world);
      for (const [n, id] of IDS.entries()) assert.ok((after[n] ?? 0) > (before[n] ?? 0), id);
      // Tokens of five minutes go on being renewed at their half.
      await world.ticks(30);
      for (const [n, generation] of (await generations(world)).entries())
        assert.ok(generation - (after[n] ?? 0) >= 9, `${IDS[n]}: ${generation - (after[n] ?? 0)}`);
      assert.equal(world.provider.reused, 0);
    });
  }

  it('ends the lease of an attempt that left no trace', async () => {
    const world = new World();
    await world.seed('acme-0');
    await world.tick();
    const { generation } = await world.record('acme-0');
    const attempt = anAttempt(world.clock.nowMs());
    await applyTransition(world.container, 'acme-0', (record) => ({ ...record, attempt }));
    world.clock.shiftWall(-60 * MINUTE_MS);
    // Its lease, and as long as absence takes to be believed.
    await world.ticks(4);
    assert.ok((await world.record('acme-0')).generation > generation);
    assert.equal(world.provider.reused, 0);
  });

  it('does not lengthen the back-off of what fails', async () => {
    const world = new World();
    await world.seed('acme-0');
    await world.ticks(4);
    world.endpoint.playAlways({ kind: 'unknown', reason: 'answer-deadline' });
    await world.ticks(4);
    const { generation, failure } = await world.record('acme-0');
    assert.ok(failure);
    world.clock.shiftWall(-60 * MINUTE_MS);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(10);
    assert.ok((await world.record('acme-0')).generation > generation);
  });

  it('does not lengthen the wait between two refusals', async () => {
    const world = new World();
    await world.seed('acme-0');
    await world.ticks(4);
    world.endpoint.playAlways({ kind: 'refused-grant', reason: 'invalid_grant' });
    while (!(await world.record('acme-0')).refusals) await world.ticks(1);
    world.clock.shiftWall(-60 * MINUTE_MS);
    await world.ticks(10);
    assert.equal((await world.record('acme-0')).state, 'lapsed');
  });

  it('does not let a chain on demand end', async () => {
    const world = new World();
    await world.seed('acme-0', { mode: 'on-demand', publish: 'none', refreshTokenMs: 30 * MINUTE_MS });
    await world.ticks(25);
    const { generation } = await world.record('acme-0');
    world.clock.shiftWall(-60 * MINUTE_MS);
    // At two thirds of its life at the latest, and once in each third from then on.
    await world.ticks(20);
    const gained = (await world.record('acme-0')).generation - generation;
    assert.ok(gained >= 1 && gained <= 3, `${gained}`);
  });

  it('does not keep a chain that has just begun from its first token', async () => {
    const world = new World();
    await world.seed('acme-0');
    await world.ticks(2);
    await world.seed('acme-1');
    world.clock.shiftWall(-60 * MINUTE_MS);
    await world.ticks(3);
    assert.ok((await world.record('acme-1')).pair?.sealedAccess);
  });

  for (const retryAfterSeconds of [30, 300])
    it(`does not lengthen the ${retryAfterSeconds} s of silence that a provider has asked for`, async () => {
      const world = new World();
      await world.seed('acme-0');
      await world.seed('acme-1');
      await world.ticks(10);
      world.endpoint.play({ kind: 'throttled', retryAfterSeconds });
      await world.ticks(3);
      const { generation } = await world.record('acme-1');
      world.clock.shiftWall(-60 * MINUTE_MS);
      await world.ticks(10);
      assert.ok((await world.record('acme-1')).generation > generation);
    });

  it('by seconds, as clocks of containers differ, changes nothing', async () => {
    const world = new World();
    await world.seed('acme-0');
    await world.ticks(4);
    const { generation } = await world.record('acme-0');
    world.clock.shiftWall(-3000);
    await world.tick();
    assert.equal((await world.record('acme-0')).generation, generation);
  });
});
