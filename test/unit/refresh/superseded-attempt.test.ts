import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RefreshContext } from '../../../shared/refresh/context.ts';
import { World } from '../../support/world.ts';

const QUOTA = { key: 'bs2', limit: 10, windowMs: 60_000 } as const;

/** A container in which `meanwhile` happens between the permit and the begin of its first attempt. */
function interrupted(world: World, meanwhile: () => Promise<unknown>): RefreshContext {
  const container = world.newContainer();
  const { quota } = container;
  const acquire = quota.acquire.bind(quota);
  let isOver = false;
  quota.acquire = async (...given) => {
    const acquired = await acquire(...given);
    if (!isOver) {
      isOver = true;
      await meanwhile();
    }
    return acquired;
  };
  return container;
}

describe('an attempt that another container was faster than', () => {
  it('posts nothing: its refresh token is spent', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    const rival = world.newContainer();
    const container = interrupted(world, () => world.refresh('acme', { force: true }, rival));

    const late = await world.refresh('acme', { force: true }, container);

    assert.deepEqual([late.result, late.reason], ['waiting', 'superseded']);
    assert.equal(world.provider.reused, 0);
    assert.equal((await world.record('acme')).generation, 2);
  });

  it('gives its permit back at once', async () => {
    const world = new World();
    await world.seed('acme', { quota: QUOTA });
    await world.tick();
    const rival = world.newContainer();
    const container = interrupted(world, () => world.refresh('acme', { force: true }, rival));
    await world.refresh('acme', { force: true }, container);
    const posts = world.endpoint.received.length;
    assert.equal(posts, 2);
    assert.equal(await world.container.quota.occupied(QUOTA), posts);
  });
});
