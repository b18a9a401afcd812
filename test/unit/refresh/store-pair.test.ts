import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Invocation } from '../../../shared/refresh/context.ts';
import { refreshCredential } from '../../../shared/refresh/refresh-credential.ts';
import { overriding } from '../../support/overriding.ts';
import { failing, World } from '../../support/world.ts';

const INVOCATION_MS = 115_000;

/** An invocation that begins now. */
function invocation({ clock }: World): Invocation {
  const endsAtMs = clock.monotonicMs() + INVOCATION_MS;
  return { remainingMs: () => endsAtMs - clock.monotonicMs() };
}

describe('an invocation that is nearly over when the answer is in', () => {
  it('has both stores tried, however late it is', async () => {
    const world = new World();
    await world.seed('acme');
    const run = invocation(world);
    const { sealer } = world;
    // A process that was frozen wakes up with 400 ms left, and the first write fails.
    const context = {
      ...world.container,
      sealer: overriding(sealer, {
        sealPair: async (...pair: Parameters<typeof sealer.sealPair>) => {
          await world.clock.advance(INVOCATION_MS - 400);
          world.fault = failing('ledger', 'save', 'before');
          return sealer.sealPair(...pair);
        },
      }),
    };
    const refreshing = refreshCredential(context, run, 'acme', { priority: 'reader' });
    assert.equal((await world.drive(refreshing)).reason, 'rescue');
    await world.clock.advance(60_000);
    assert.equal((await world.refresh('acme')).result, 'adopted');
    assert.ok(await world.chainLives('acme'));
  });

  it('keeps the pair in memory, and itself alive, when the ledger does not answer', async () => {
    const world = new World();
    await world.seed('acme');
    const run = invocation(world);
    const { container, ledger } = world;
    let hangs = false;
    const deaf = overriding(ledger, {
      save: (item) => (hangs ? new Promise<never>(() => undefined) : ledger.save(item)),
    });
    world.endpoint.play(async (request) => {
      hangs = true;
      return world.provider.answer(request);
    });
    const context = { ...container, ledger: deaf };
    const done = await world.drive(refreshCredential(context, run, 'acme', { priority: 'reader' }));
    assert.deepEqual([done.result, done.reason], ['unstored', 'memory']);
    assert.ok(run.remainingMs() > 0, 'the process would have been killed');

    hangs = false;
    assert.equal((await world.tick(context)).results.refreshed, undefined);
    assert.ok(await world.chainLives('acme'));
    assert.equal(world.endpoint.received.length, 1);
  });

  it('does not wait for the ledger to fail before it tries the rescue secret', async () => {
    const world = new World();
    await world.seed('acme');
    const run = invocation(world);
    const { sealer, ledger } = world;
    let isLate = false;
    const context = {
      ...world.container,
      sealer: overriding(sealer, {
        sealPair: async (...pair: Parameters<typeof sealer.sealPair>) => {
          await world.clock.advance(INVOCATION_MS - 5000);
          isLate = true;
          return sealer.sealPair(...pair);
        },
      }),
      ledger: overriding(ledger, {
        save: (item) => (isLate ? new Promise<never>(() => undefined) : ledger.save(item)),
      }),
    };
    const done = await world.drive(refreshCredential(context, run, 'acme', { priority: 'reader' }));
    assert.deepEqual([done.result, done.reason], ['unstored', 'rescue']);
    await world.clock.advance(60_000);
    assert.equal((await world.refresh('acme')).result, 'adopted');
  });
});
