import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { begin } from '../../../shared/credential/transitions/attempt.ts';
import type { RefreshContext } from '../../../shared/refresh/context.ts';
import { reseedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { recoverChain } from '../../../shared/refresh/recovery/recover-chain.ts';
import { MemoryLedger } from '../../support/fakes/memory-ledger.ts';
import { anAttempt } from '../../support/records.ts';
import { World } from '../../support/world.ts';

/** A container over a ledger that was restored from `backup`; the vault is today's. */
function restored(world: World, backup: ReturnType<World['ledger']['items']>): RefreshContext {
  return { ...world.newContainer(), ledger: new MemoryLedger({ items: backup }) };
}

describe('a ledger restored from a backup', () => {
  it("goes on with today's chain after recover, without a post in between", async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(10);
    const backup = world.ledger.items();
    await world.ticks(24 * 60);
    const { generation } = await world.record('acme');
    const posts = world.endpoint.received.length;
    const container = restored(world, backup);

    const recovered = await recoverChain(container, 'acme');

    assert.equal(recovered.result, 'recovered');
    assert.equal(recovered.generation, generation);
    assert.equal(world.endpoint.received.length, posts);
    await world.clock.advance(150_000);
    assert.equal((await world.refresh('acme', {}, container)).result, 'refreshed');
    assert.equal(world.provider.reused, 0);
  });

  it('goes on with the chain of a reseed that the backup does not know', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(1);
    const backup = world.ledger.items();
    await reseedChain(world.container, {
      credential: 'acme',
      chain: 'second',
      refreshToken: world.provider.login(),
    });
    await world.ticks(10);
    const container = restored(world, backup);
    assert.equal((await recoverChain(container, 'acme')).result, 'recovered');
    assert.equal((await container.ledger.load('acme'))?.chain, 'second');
  });

  it('waits for a refresh in flight, and for no attempt whose lease is over', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(1);
    const backup = world.ledger.items();
    await world.ticks(10);
    const container = restored(world, backup);
    const attempt = anAttempt(world.clock.nowMs());
    await applyTransition(container, 'acme', (record) => begin(record, attempt));

    await world.clock.advance(world.timing.leaseMs - 1);
    assert.equal((await recoverChain(container, 'acme')).result, 'in-flight');
    assert.equal((await container.ledger.load('acme'))?.attempt?.id, attempt.id);
    await world.clock.advance(1);
    assert.equal((await recoverChain(container, 'acme')).result, 'recovered');
  });

  for (const [what, publish] of [
    ['lanes that were added since', 'access'],
    ['lanes, though nothing was published then', 'none'],
  ] as const) {
    it(`goes on with what is in ${what}`, async () => {
      const world = new World();
      await world.seed('acme');
      await world.ticks(1);
      const publishing = (how: 'access' | 'none', lanes: number) =>
        applyTransition(world.container, 'acme', (record) => ({
          ...record,
          publish: how,
          publication: { ...record.publication, lanes },
        }));
      await publishing(publish, 1);
      const backup = world.ledger.items();
      await publishing('access', 12);
      // Three hours: into the second lane.
      await world.ticks(180);
      const { generation } = await world.record('acme');
      const container = restored(world, backup);
      assert.equal((await recoverChain(container, 'acme')).generation, generation);
    });
  }

  it('is brought up to the vault even if nobody recovers it, before a lapse is declared', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(10);
    const backup = world.ledger.items();
    await world.ticks(60);
    const container = restored(world, backup);
    await world.ticks(0);
    await world.tick(container);
    await world.clock.advance(150_000);
    await world.tick(container);
    assert.equal((await container.ledger.load('acme'))?.state, 'active');
    assert.equal(world.provider.reused, 1);
  });

  it('leaves the rescue copy of a chain that was reseeded meanwhile aside', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(1);
    const { pair } = await world.record('acme');
    assert.ok(pair);
    const { sealedAccess: _, sealedRefresh: __, ...first } = pair;
    const late = { ...first, generation: first.generation + 1, attempt: 'late' };
    const tokens = { accessToken: await world.accessToken('acme'), refreshToken: world.provider.login() };
    await world.container.rescue.put('acme', await world.sealer.sealPair('acme', late, tokens));
    const refreshToken = world.provider.login();
    await reseedChain(world.container, { credential: 'acme', chain: 'second', refreshToken });

    assert.equal((await recoverChain(world.container, 'acme')).result, 'up-to-date');
    assert.equal((await world.record('acme')).chain, 'second');
  });

  it('is left alone when the vault has nothing newer, twice', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(10);
    const before = await world.record('acme');
    assert.equal((await recoverChain(world.container, 'acme')).result, 'up-to-date');
    assert.deepEqual(await world.record('acme'), before);
  });

  it('says so when there is no such credential', async () => {
    assert.equal((await recoverChain(new World().container, 'nobody')).result, 'unknown-credential');
  });
});
