import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { changeSettings } from '../../../shared/credential/transitions/operator.ts';
import type { RefreshContext } from '../../../shared/refresh/context.ts';
import { refreshCredential } from '../../../shared/refresh/refresh-credential.ts';
import { laneAt } from '../../../shared/vault/lanes.ts';
import { World } from '../../support/world.ts';

const QUOTA = { key: 'bs2', limit: 10, windowMs: 60_000 } as const;
const LONG_RUN = { remainingMs: () => 10 * 60_000 };

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

describe('a publish that lands after the next one', () => {
  /** `meanwhile` happens while a container stands still with its publish, until its lease is over. */
  async function overtaken(meanwhile: (world: World, rival: RefreshContext) => Promise<unknown>) {
    const world = new World();
    await world.seed('acme', { publish: 'pair' });
    const container = world.newContainer();
    const { publication } = container;
    const publish = publication.publish.bind(publication);
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    publication.publish = async (record) => {
      begun.resolve();
      await over.promise;
      // What it had sent lands, whatever its deadline says.
      return publish(record);
    };
    const late = refreshCredential(container, LONG_RUN, 'acme', { priority: 'urgent', force: true });
    await begun.promise;
    await world.clock.advance(world.timing.leaseMs + 1);
    await meanwhile(world, world.newContainer());
    over.resolve();
    await late;
    return { world, lane: async () => JSON.parse(await inLane(world)) };
  }

  async function inLane(world: World): Promise<string> {
    const { lanes } = (await world.record('acme')).publication;
    const lane = laneAt(world.clock.nowMs(), lanes, world.timing.dayMs);
    const stored = await world.secrets.get(world.names.lane('acme', lane));
    return stored?.value.reveal() ?? '{}';
  }

  it('is followed by the current pair at the next tick', async () => {
    const { world, lane } = await overtaken((world, rival) => world.refresh('acme', { force: true }, rival));
    assert.equal((await lane()).generation, 1, 'the older one lies over the newer one');

    await world.tick();

    assert.equal((await lane()).generation, 2);
    const { publication } = await world.record('acme');
    assert.deepEqual([publication.generation, publication.pendingSinceMs], [2, undefined]);
  });

  it('is followed by what the settings want since', async () => {
    const { world, lane } = await overtaken(async (world, rival) => {
      await applyTransition(rival, 'acme', (now) => changeSettings(now, { ...now, publish: 'access' }));
      await world.tick(rival);
    });
    assert.ok((await lane()).refresh_token, 'the former value lies over the one that is wanted');

    await world.tick();

    assert.equal((await lane()).refresh_token, undefined);
  });

  it('is left where nothing is published any more', async () => {
    const { world } = await overtaken((_, rival) =>
      applyTransition(rival, 'acme', (now) => changeSettings(now, { ...now, publish: 'none' })),
    );
    const before = await world.record('acme');
    await world.tick();
    assert.deepEqual((await world.record('acme')).publication, before.publication);
  });

  it('writes nothing twice where somebody else has published the same pair', async () => {
    const { world } = await overtaken((world, rival) => world.tick(rival));
    const { publication } = await world.record('acme');
    assert.deepEqual([publication.generation, publication.changes], [1, undefined]);
  });
});
