import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { tick } from '../../../shared/refresh/tick/tick.ts';
import { crashAfterBegin } from '../../support/crash.ts';
import { World } from '../../support/world.ts';

/** Most requests in any window, from the arrival times at the provider. */
function busiestWindow(arrivalsMs: readonly number[], windowMs: number): number {
  const inWindow = (from: number) => arrivalsMs.filter((at) => at >= from && at < from + windowMs).length;
  return Math.max(0, ...arrivalsMs.map(inWindow));
}

describe('a tick', () => {
  it('refreshes nothing that is not due and reports what it did', async () => {
    const world = new World();
    await world.seed('acme');
    assert.deepEqual(await world.tick(), { due: 1, results: { refreshed: 1 }, left: 0 });
    assert.deepEqual(await world.tick(), { due: 0, results: {}, left: 0 });
  });

  it('keeps 44 credentials with tokens of 5 minutes fresh on 10 requests a minute, however they began', async () => {
    const world = new World();
    const ids = Array.from({ length: 44 }, (_, n) => `acme-${n}`);
    for (const id of ids) await world.seed(id);
    await world.ticks(30);
    for (let minute = 0; minute < 60; minute += 1) {
      await world.ticks(1);
      for (const id of ids)
        assert.ok(world.provider.accepts(await world.accessToken(id)), `${id} in minute ${minute}`);
    }
    assert.ok(
      busiestWindow(
        world.endpoint.received.map((post) => post.atMs),
        60_000,
      ) <= 10,
    );
    assert.equal(world.provider.reused, 0);
  });

  it('refreshes a credential of one quota, however many wait for another', async () => {
    const world = new World();
    const scarce = { key: 'scarce', limit: 1, windowMs: 3_600_000 };
    for (let n = 0; n < 1100; n += 1) {
      await world.seed(`waiting-${n}`, { mode: 'on-demand', publish: 'none', quota: scarce });
    }
    await world.clock.advance(1000);
    await world.seed('acme', { quota: { key: 'own', limit: 10, windowMs: 60_000 } });
    await world.tick();
    assert.equal((await world.record('acme')).generation, 1);
  });

  it('takes the earliest expiry first when permits are scarce', async () => {
    const world = new World();
    for (const id of ['a', 'b', 'c']) {
      await world.seed(id, { quota: { key: 'tight', limit: 2, windowMs: 600_000 } });
      await world.clock.advance(1000);
    }
    assert.equal((await world.tick()).results.refreshed, 2);
    const generations = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => (await world.record(id)).generation),
    );
    assert.deepEqual(generations, [1, 1, 0]);
  });

  it('leaves one permit to readers while nothing is about to expire', async () => {
    const world = new World();
    const quota = { key: 'tight', limit: 3, windowMs: 60_000 };
    for (const id of ['a', 'b', 'c']) await world.seed(id, { quota });
    await world.ticks(2);
    const expiresAtMs = (await world.record('c')).pair?.expiresAtMs ?? 0;
    await world.clock.advance(30_000);
    await world.tick();
    const issuedMs = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => (await world.record(id)).pair?.issuedAtMs ?? 0),
    );
    const [, , lastMs = 0] = issuedMs.toSorted((a, b) => a - b);
    assert.ok(lastMs >= expiresAtMs - 2 * world.timing.tickMs, 'lent only when it would expire otherwise');
  });

  it('stays until the next one where something waits for permits: another container goes on after it without the margin', async () => {
    const world = new World();
    const quota = { key: 'tight', limit: 1, windowMs: 60_000 };
    for (const id of ['a', 'b', 'c']) await world.seed(id, { quota });
    await world.clock.advance(60_000);
    const startMs = world.clock.monotonicMs();

    await world.tick();

    const tookMs = world.clock.monotonicMs() - startMs;
    assert.ok(tookMs > 59_500 && tookMs < 60_000, `${tookMs} ms`);
    const byMs = world.clock.nowMs() + 39_000;
    const ask = async ({ quota: permits }: typeof world.container) => {
      const acquired = await permits.acquire(quota, byMs, { priority: 'urgent' });
      return 'freeAtMs' in acquired ? acquired.freeAtMs : 0;
    };
    const [ownMs, othersMs] = [await ask(world.container), await ask(world.newContainer())];
    assert.ok(ownMs > 0 && othersMs >= ownMs && othersMs - ownMs < 500, `${othersMs - ownMs} ms later`);
  });

  it('is over at once where nothing waits for permits, and also when its last word is not taken', async () => {
    const world = new World();
    await world.seed('acme', { quota: { key: 'wide', limit: 10, windowMs: 60_000 } });
    const startMs = world.clock.monotonicMs();
    await world.tick();
    assert.ok(world.clock.monotonicMs() - startMs < 5000);

    for (const id of ['a', 'b'])
      await world.seed(id, { quota: { key: 'tight', limit: 1, windowMs: 60_000 } });
    const lastMs = world.clock.monotonicMs() + 55_000;
    world.fault = (store) => (store === 'quota' && world.clock.monotonicMs() > lastMs ? 'before' : undefined);
    assert.equal((await world.tick()).results.refreshed, 1);
  });

  it('waits for a back-off that ends moments later, and leaves what is well to the next tick', async () => {
    const world = new World();
    const againAtMs = world.clock.nowMs() + 5000;
    const failure = { count: 1, sinceMs: 0, lastAtMs: 0, outcome: 'unknown', reason: 'ECONNRESET' } as const;
    await world.seed('failing');
    await applyTransition(world.container, 'failing', (record) => ({
      ...record,
      refreshAtMs: againAtMs,
      failure,
      announced: { generation: 0, trouble: { kind: 'failing', kinds: ['failing'], sinceMs: 0 } },
    }));
    await world.seed('well');
    await applyTransition(world.container, 'well', (record) => ({ ...record, refreshAtMs: againAtMs }));

    assert.deepEqual(await world.tick(), { due: 1, results: { refreshed: 1 }, left: 0 });

    assert.equal((await world.record('failing')).pair?.issuedAtMs, againAtMs);
    assert.equal((await world.record('well')).generation, 0);
  });

  it('renews a token of a minute whenever it is due, and one of two minutes before it expires', async () => {
    for (const seconds of [60, 120]) {
      const world = new World({ lifeSeconds: seconds });
      await world.seed('acme', { defaultAccessTokenMs: seconds * 1000 });
      await world.ticks(12);
      const issuedMs = world.endpoint.received.map(({ atMs }) => atMs);
      assert.ok(issuedMs.length <= 12 * 1.34, 'no more than its lanes hold versions for a day');
      const gapsMs = issuedMs.slice(1).map((ms, n) => ms - (issuedMs[n] ?? 0));
      assert.ok(
        gapsMs.length >= 6 && Math.max(...gapsMs) < seconds * 1000,
        `${seconds} s: ${gapsMs.join(', ')}`,
      );
    }
  });

  it('renews a token of less than a minute in time, though Secrets Manager refuses to publish it', async () => {
    const world = new World({ lifeSeconds: 45 });
    await world.seed('acme', { defaultAccessTokenMs: 45_000 });
    world.fault = (store, operation) => (store === 'vault' && operation === 'put' ? 'before' : undefined);
    await world.ticks(12);
    const issuedMs = world.endpoint.received.map(({ atMs }) => atMs);
    const gapsMs = issuedMs.slice(1).map((ms, n) => ms - (issuedMs[n] ?? 0));
    assert.ok(gapsMs.length >= 12 && Math.max(...gapsMs) < 45_000, gapsMs.join(', '));
  });

  it('renews a token of a minute in time when the tick before has it in hand', async () => {
    for (const [answerMs, laterMs] of [
      [500, 3000],
      [5000, 3000],
      [5000, 4000],
    ] as const) {
      const world = new World({ lifeSeconds: 60 });
      await world.seed('acme', { defaultAccessTokenMs: 60_000 });
      await world.refresh('acme');
      await world.clock.advance(laterMs);
      world.endpoint.playAlways(async (request) => {
        await world.clock.sleep(answerMs);
        return world.provider.answer(request);
      });
      const ticks: Promise<unknown>[] = [];
      for (let minute = 0; minute < 12; minute += 1) {
        ticks.push(tick(world.newContainer(), { remainingMs: () => 115_000 }));
        for (let ms = 0; ms < 60_000; ms += 50) await world.clock.advance(50);
      }
      await world.drive(Promise.all(ticks));
      const atMs = world.endpoint.received.map((post) => post.atMs);
      const gapsMs = atMs.slice(1).map((ms, n) => ms - (atMs[n] ?? 0));
      assert.ok(gapsMs.length >= 11 && Math.max(...gapsMs) < 60_000, `${answerMs} ms: ${gapsMs.join(', ')}`);
    }
  });

  it('goes on with the others when the store fails for one', async () => {
    const world = new World();
    await world.seed('bad');
    await world.seed('good');
    world.fault = (store, operation, name) =>
      store === 'ledger' && operation === 'save' && name === 'bad' ? 'before' : undefined;
    assert.deepEqual((await world.tick()).results, { error: 1, refreshed: 1 });
  });

  it('waits within its time for the end of an unresolved attempt', async () => {
    const world = new World();
    await world.seed('acme');
    await crashAfterBegin(world, 'acme');
    await world.clock.advance(world.timing.leaseMs);
    assert.deepEqual((await world.tick()).results, { refreshed: 1 });
  });

  it('begins nothing that it could not finish before the invocation ends', async () => {
    const world = new World();
    await world.seed('acme');
    const endMs = world.clock.monotonicMs() + world.timing.publishByMs;
    const run = { remainingMs: () => endMs - world.clock.monotonicMs() };
    assert.deepEqual(await world.tick(world.container, run), { due: 1, results: {}, left: 1 });
  });
});
