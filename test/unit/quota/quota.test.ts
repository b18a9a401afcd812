import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Priority, Quota } from '../../../shared/quota/quota.ts';
import { ConflictError, StoreUnavailableError, type Table } from '../../../shared/table/table.ts';
import { isGranted, limitOf, permitOf, QuotaWorld, TIMES, WINDOW_MS } from './quota-world.ts';

const ANSWER_MS = 39_000;

describe('the request quota', () => {
  it('gives the schedule all permits but one, and the last to a reader or whatever is urgent', async () => {
    for (const priority of ['reader', 'urgent'] as const) {
      const { clock, ...world } = open();
      const byMs = clock.nowMs() + ANSWER_MS;
      for (let count = 0; count < 9; count += 1) {
        assert.ok(isGranted(await world.quota.acquire(limitOf(10), byMs, { priority: 'scheduled' })));
      }
      assert.ok(!isGranted(await world.quota.acquire(limitOf(10), byMs, { priority: 'scheduled' })));
      assert.ok(isGranted(await world.quota.acquire(limitOf(10), byMs, { priority })));
      assert.ok(!isGranted(await world.quota.acquire(limitOf(10), byMs, { priority })));
    }
  });

  it('notes once that a token waits for a permit, however often it asks', async () => {
    const { quota, clock, world } = open();
    const ask = () =>
      quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'urgent', comesFirst: true });
    assert.ok(isGranted(await ask()));
    assert.ok(!isGranted(await ask()));
    const { revision } = world.record();
    await clock.advance(1500);
    assert.ok(!isGranted(await ask()));
    assert.equal(world.record().revision, revision);
    await clock.advance(TIMES.tickMs / 2);
    assert.ok(!isGranted(await ask()));
    assert.equal(world.record().revision, revision + 1);
  });

  it('gives the schedule the only permit of a quota of one', async () => {
    const { quota, clock } = open();
    assert.ok(
      isGranted(await quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'scheduled' })),
    );
  });

  it('is a formality without a quota', async () => {
    const { quota, world } = open();
    const { permit } = (await quota.acquire(undefined, 0, { priority: 'scheduled' })) as {
      permit: { id: string };
    };
    await quota.settle(permit, 1);
    await quota.release(permit);
    await quota.close(undefined, 1);
    assert.equal(world.table.items().length, 0);
  });

  it('occupies a permit until one window after the answer', async () => {
    const { quota, clock } = open();
    const acquired = await quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'reader' });
    await clock.advance(700);
    await quota.settle(permitOf(acquired), clock.nowMs());
    const freeAtMs = clock.nowMs() + WINDOW_MS;

    await clock.advance(WINDOW_MS - 1);
    const refused = await quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'reader' });
    assert.deepEqual(refused, { freeAtMs });
    await clock.advance(1);
    assert.ok(isGranted(await quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'reader' })));
  });

  it('occupies a permit that was never settled until one window after the deadline', async () => {
    const { quota, clock } = open();
    await quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'reader' });
    await clock.advance(ANSWER_MS + WINDOW_MS - 1);
    assert.ok(!isGranted(await quota.acquire(limitOf(1), clock.nowMs(), { priority: 'reader' })));
    await clock.advance(1);
    assert.ok(isGranted(await quota.acquire(limitOf(1), clock.nowMs(), { priority: 'reader' })));
  });

  it('frees a permit at once when nothing was sent', async () => {
    const { quota, clock } = open();
    const acquired = await quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'reader' });
    await quota.release(permitOf(acquired));
    assert.ok(isGranted(await quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'reader' })));
  });

  it('keeps a settled permit as it is when it is settled again, later or by a repeated call', async () => {
    const { quota, clock, world } = open();
    const permit = permitOf(
      await quota.acquire(limitOf(2), clock.nowMs() + ANSWER_MS, { priority: 'reader' }),
    );
    await quota.settle(permit, clock.nowMs() + 5);
    const { revision } = world.record();
    await quota.settle(permit, clock.nowMs() + 5);
    await quota.settle(permit, clock.nowMs() + 6);
    assert.equal(world.record().revision, revision);
  });

  it('is closed until the provider wants to hear from us again, and never for less than it said', async () => {
    const { quota, clock } = open();
    const untilMs = clock.nowMs() + 10_000;
    await quota.close(limitOf(10), untilMs);
    await quota.close(limitOf(10), untilMs - 5000);
    await clock.advance(9999);
    assert.deepEqual(await quota.acquire(limitOf(10), clock.nowMs(), { priority: 'urgent' }), {
      freeAtMs: untilMs,
    });
    await clock.advance(1);
    assert.ok(isGranted(await quota.acquire(limitOf(10), clock.nowMs(), { priority: 'scheduled' })));
  });

  it('leaves readers what the schedule does not need, and all where only chains are kept alive, which can wait', async () => {
    const [never, anHour] = [Number.POSITIVE_INFINITY, 3_600_000];
    for (const [windowMs, requests, shortestLifeMs, left] of [
      [WINDOW_MS, 2, never, 10],
      [WINDOW_MS, 2, 300_000, 7],
      [WINDOW_MS, 6, never, 3],
      [anHour, 2, never, 7],
      // Tokens that come due together have not the whole of a life to come round, in which a window is over once.
      [anHour, 2, 10 * anHour, 7],
      [anHour, 2, anHour, 6],
    ] as const) {
      const { quota, clock } = open();
      const limit = { ...limitOf(10), windowMs };
      await quota.reserve(limit, { requests, shortestLifeMs });
      let granted = 0;
      const wish = { priority: 'reader', isBurst: true } as const;
      const ask = () => quota.acquire(limit, clock.nowMs() + ANSWER_MS, wish);
      while (isGranted(await ask())) granted += 1;
      assert.equal(granted, left);
    }
  });

  it('keeps the last permit for a token that ends before permits come round again', async () => {
    const last = async (priority: Priority, shortestLifeMs: number, seconds: number, left = 1) => {
      const { quota, clock } = open();
      const limit = { ...limitOf(10), windowMs: seconds * 1000 };
      const ask = (one: Priority) =>
        quota.acquire(limit, clock.nowMs() + ANSWER_MS, { priority: one, isBurst: true });
      await quota.reserve(limit, { requests: 0, shortestLifeMs });
      for (let count = 0; count < 10 - left; count += 1) {
        assert.ok(isGranted(await ask('urgent')));
        await clock.advance(1000);
      }
      return isGranted(await ask(priority));
    };
    assert.equal(await last('reader', 60_000, 60), false);
    assert.equal(await last('reader', 300_000, 60), true);
    assert.equal(await last('urgent', 60_000, 60), true);
    // Of eight permits and more two are kept for such tokens.
    for (const priority of ['reader', 'lent', 'scheduled'] as const) {
      assert.equal(await last(priority, 60_000, 60, 2), false);
      assert.equal(await last(priority, 60_000, 60, 3), true);
      assert.equal(await last(priority, 300_000, 60, 2), true);
    }
    assert.equal(await last('lent', 60_000, 60), false);
    // From when it is due it can wait for the half of its life: a window is over by then, or another permit comes soon.
    assert.equal(await last('lent', 300_000, 120), true);
    assert.equal(await last('lent', 240_000, 120), false);
    assert.equal(await last('lent', 240_000, 100), true);
    assert.equal(await last('reader', 240_000, 120), false);
  });

  it('spreads tokens that live for little more than a tick among themselves', async () => {
    const { quota, clock } = open();
    const limit = { ...limitOf(10), windowMs: 600_000 };
    const ask = (isShort: boolean) =>
      quota.acquire(limit, clock.nowMs() + ANSWER_MS, { priority: 'urgent', isShort });
    for (let count = 0; count < 2; count += 1) assert.ok(isGranted(await ask(false)));
    assert.ok(!isGranted(await ask(false)), 'two have begun in two minutes');
    for (let count = 0; count < 2; count += 1) assert.ok(isGranted(await ask(true)));
    assert.ok(!isGranted(await ask(true)), 'and two of these');
  });

  it('lets readers wait no longer, and the provider be silent no longer, when the clock is set back', async () => {
    const { quota, clock, world } = open();
    const ask = (priority: 'reader' | 'scheduled') =>
      quota.acquire(limitOf(10), clock.nowMs() + ANSWER_MS, { priority });
    await quota.reserve(limitOf(10), { requests: 10, shortestLifeMs: 300_000 });
    assert.ok(isGranted(await ask('reader')));
    await quota.close(limitOf(10), clock.nowMs() + 10_000);
    clock.shiftWall(-24 * 3_600_000);
    assert.ok(!isGranted(await ask('reader')));
    await clock.advance(10_000);
    assert.ok(isGranted(await ask('scheduled')));
    assert.ok(isGranted(await ask('reader')));
    assert.equal(Object.keys(world.record().permits).length, 3);
  });

  it('keeps the silence that a container whose clock is seconds ahead has noted', async () => {
    const { quota, clock } = open();
    clock.shiftWall(3000);
    const untilMs = clock.nowMs() + 10_000;
    await quota.close(limitOf(10), untilMs);
    clock.shiftWall(-3000);
    for (let asked = 0; asked < 2; asked += 1) {
      assert.deepEqual(await quota.acquire(limitOf(10), clock.nowMs(), { priority: 'urgent' }), {
        freeAtMs: untilMs,
      });
    }
  });

  it('lets DynamoDB drop the item a day after its last permit or closure, in epoch seconds', async () => {
    const { quota, clock, world } = open();
    await quota.acquire(limitOf(10), clock.nowMs() + ANSWER_MS, { priority: 'reader' });
    const permitEndMs = clock.nowMs() + ANSWER_MS + WINDOW_MS;
    assert.equal(world.record().ttl, Math.ceil(permitEndMs / 1000) + 86_400);
    await quota.close(limitOf(10), clock.nowMs() + 900_000);
    assert.equal(world.record().ttl, (clock.nowMs() + 900_000) / 1000 + 86_400);
  });
});

describe('the request quota when its table fails', () => {
  it('grants nothing when the answer was lost, and the lost grant occupies one permit once', async () => {
    let faults = 1;
    const world = new QuotaWorld({
      faults: (operation) => (operation === 'save' && faults-- > 0 ? 'after' : undefined),
    });
    const { quota, clock } = world.container();
    const byMs = clock.nowMs() + ANSWER_MS;
    await assert.rejects(quota.acquire(limitOf(2), byMs, { priority: 'reader' }), StoreUnavailableError);
    assert.equal(Object.keys(world.record().permits).length, 1);
    assert.ok(isGranted(await quota.acquire(limitOf(2), byMs, { priority: 'reader' })));
    assert.ok(!isGranted(await quota.acquire(limitOf(2), byMs, { priority: 'reader' })));
  });

  it('leaves the permits of others as they are when it asks for a request that has stood still past its deadline', async () => {
    const world = new QuotaWorld();
    const staleMs = world.clock.nowMs() + 39_000;
    await world.clock.advance(86_000);
    const byMs = world.clock.nowMs() + 39_000;
    assert.ok(isGranted(await world.container().quota.acquire(limitOf(1), byMs, { priority: 'reader' })));
    const before = world.record();

    const acquired = await world.container().quota.acquire(limitOf(1), staleMs, { priority: 'reader' });

    assert.ok(!isGranted(acquired));
    assert.deepEqual(world.record(), before);
  });

  it('finds its own grant when the resent write meets the write of another', async () => {
    const world = new QuotaWorld();
    const other = world.container();
    const byMs = world.clock.nowMs() + ANSWER_MS;
    let resent = false;
    const table: Table<Parameters<typeof world.table.save>[0]> = {
      load: (key) => world.table.load(key),
      save: async (item) => {
        await world.table.save(item);
        if (resent) return;
        resent = true;
        await other.quota.acquire(limitOf(3), byMs, { priority: 'reader' });
        throw new ConflictError('the resent write met another');
      },
    };
    const quota = new Quota(table, world.clock, world.random, TIMES);
    assert.ok(isGranted(await world.drive(quota.acquire(limitOf(3), byMs, { priority: 'reader' }))));
    assert.equal(Object.keys(world.record().permits).length, 2);
  });

  it('rejects, and grants nothing, while the table is away', async () => {
    const world = new QuotaWorld({ faults: () => 'before' });
    const { quota, clock } = world.container();
    await assert.rejects(
      quota.acquire(limitOf(2), clock.nowMs(), { priority: 'reader' }),
      StoreUnavailableError,
    );
    assert.equal(world.table.items().length, 0);
  });

  it('gives up on an item that changes at every try, and says so', async () => {
    const world = new QuotaWorld();
    const table: Table<Parameters<typeof world.table.save>[0]> = {
      load: (key) => world.table.load(key),
      save: async () => {
        throw new ConflictError('somebody else was faster');
      },
    };
    const quota = new Quota(table, world.clock, world.random, TIMES);
    await assert.rejects(
      world.drive(quota.acquire(limitOf(3), 0, { priority: 'reader' })),
      StoreUnavailableError,
    );
  });
});

function open() {
  const world = new QuotaWorld();
  return { world, clock: world.clock, quota: world.container().quota };
}
