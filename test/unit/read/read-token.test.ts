import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadError, type ReadErrorCode } from '../../../shared/read/read-error.ts';
import { RefreshServiceError } from '../../../shared/refresh-service/refresh-service.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { AT_MS, anAttempt } from '../../support/records.ts';
import { LIFE_MS, ReadWorld } from './read-world.ts';

describe('reading a token', () => {
  it('serves the current one, and asks nobody, until moments before it expires', async () => {
    const world = await open();
    assert.equal((await world.read()).accessToken.reveal(), 'fake-access-1');
    await world.clock.advance(LIFE_MS - world.timing.expiryMarginMs - 1);
    assert.equal((await world.read()).accessToken.reveal(), 'fake-access-1');
    assert.deepEqual(world.asked, []);
  });

  it('calls it expired 2 s before its end: another clock may be ahead, and using it takes a moment', async () => {
    const world = await open();
    await world.clock.advance(LIFE_MS - 2000);
    await assertRefused(world.read(), 'refresh-pending', 503);
    assert.equal(world.asked.length, 1);
  });

  it('of a short life gives up an eighth, so that the promise is kept', async () => {
    const world = await open();
    const lifeMs = 4000;
    await world.set({}, { expiresAtMs: AT_MS + lifeMs });
    await world.clock.advance(lifeMs - 501);
    assert.equal((await world.read()).accessToken.reveal(), 'fake-access-1');
    await world.clock.advance(1);
    await assertRefused(world.read(), 'refresh-pending', 503);
  });

  it('asks for a refresh of that very generation when it has expired', async () => {
    const world = await open();
    world.onRefresh = () => world.renew(2);
    await world.clock.advance(LIFE_MS);
    assert.equal((await world.read()).pair.generation, 2);
    assert.deepEqual(world.asked, [{ credential: 'acme', ifGeneration: 1, waitMs: world.timing.readWaitMs }]);
  });

  it('asks for the first token of a seed', async () => {
    const world = new ReadWorld();
    await world.set({ generation: 0, pair: undefined });
    world.onRefresh = () => world.renew(1);
    assert.equal((await world.read()).pair.generation, 1);
  });

  it('does not know what was never registered, or was removed', async () => {
    const world = await open();
    await assertRefused(world.read({ credential: 'other' }), 'unknown-credential', 404);
    await world.set({ state: 'removed', pair: undefined });
    await assertRefused(world.read(), 'unknown-credential', 404);
  });

  it('says what the refresh function expects, which for an on-demand credential is not its schedule', async () => {
    const world = await open();
    await world.set({ mode: 'on-demand', refreshAtMs: AT_MS + 57_600_000 });
    await world.clock.advance(LIFE_MS);
    assert.equal((await assertRefused(world.read(), 'refresh-pending', 503)).retryAfterSeconds, 15);
    world.refreshed = { result: 'no-permit', againAtMs: world.clock.nowMs() + 40_000 };
    assert.equal((await assertRefused(world.read(), 'refresh-pending', 503)).retryAfterSeconds, 40);
  });

  it('says when a refresh that fails is tried again', async () => {
    const world = await open();
    await world.clock.advance(LIFE_MS);
    const nowMs = world.clock.nowMs();
    const failure = {
      count: 3,
      sinceMs: nowMs,
      lastAtMs: nowMs,
      outcome: 'unknown',
      reason: 'http-503',
    } as const;
    for (const mode of ['fresh', 'on-demand'] as const) {
      await world.set({
        mode,
        refreshAtMs: nowMs + 57_600_000,
        failure: { ...failure, retryAtMs: nowMs + 90_000 },
      });
      assert.equal((await assertRefused(world.read(), 'refresh-pending', 503)).retryAfterSeconds, 90);
    }
  });

  it('says when to ask again while there is no token', async () => {
    const world = await open();
    await world.clock.advance(LIFE_MS);
    const soon = await assertRefused(world.read(), 'refresh-pending', 503);
    assert.equal(soon.retryAfterSeconds, 15);
    await world.set({ refreshAtMs: world.clock.nowMs() + 3_600_000 });
    const later = await assertRefused(world.read(), 'refresh-pending', 503);
    assert.equal(later.retryAfterSeconds, 3600);
  });
});

describe('reading while a refresh is in flight', () => {
  it('waits for the new token, because the old one may die at any moment', async () => {
    const world = await open();
    await world.set({ attempt: anAttempt(AT_MS) });
    void world.clock.sleep(3000).then(() => world.renew(2));
    assert.equal((await world.read()).pair.generation, 2);
    assert.ok(world.clock.nowMs() - AT_MS < 3300);
    assert.deepEqual(world.asked, []);
  });

  it('serves the unexpired token when the wait is over', async () => {
    const world = await open();
    await world.set({ attempt: anAttempt(AT_MS) });
    assert.equal((await world.read()).pair.generation, 1);
    const waitedMs = world.clock.nowMs() - AT_MS;
    assert.ok(waitedMs >= world.timing.readWaitMs && waitedMs < world.timing.readWaitMs + 200);
  });

  it('does not wait for an attempt past its lease, on an older generation, or that only publishes', async () => {
    const world = await open();
    const harmless = [anAttempt(AT_MS - 60_000), anAttempt(AT_MS, 'publish'), anAttempt(AT_MS, 'refresh', 0)];
    for (const attempt of harmless) {
      await world.set({ attempt });
      await world.read();
      assert.equal(world.clock.nowMs(), AT_MS);
    }
  });

  it('does not know a credential that is removed meanwhile', async () => {
    const world = await open();
    await world.set({ attempt: anAttempt(AT_MS) });
    void world.clock.sleep(500).then(() => world.set({ state: 'removed', pair: undefined }));
    await assertRefused(world.read(), 'unknown-credential', 404);
  });
});

describe('reading a token that the provider refused', () => {
  it('asks once for another when it is the current one', async () => {
    const world = await open();
    world.onRefresh = () => world.renew(2);
    assert.equal((await world.read({ refusedGeneration: 1 })).pair.generation, 2);
    assert.equal(world.asked.length, 1);
    assert.equal(world.asked[0]?.refused, true);
    assert.equal(world.asked[0]?.ifGeneration, 1);
  });

  it('serves the current one when another generation was refused', async () => {
    const world = await open();
    await world.renew(2);
    for (const refusedGeneration of [0, 1, 3]) {
      assert.equal((await world.read({ refusedGeneration })).pair.generation, 2);
    }
    assert.deepEqual(world.asked, []);
  });

  it('serves the current one when no refresh came of it', async () => {
    const world = await open();
    assert.equal((await world.read({ refusedGeneration: 1 })).pair.generation, 1);
  });
});

describe('reading with a least time to live', () => {
  it('serves a token that lives that long, and asks for a new one when it does not', async () => {
    const world = await open();
    world.onRefresh = () => world.renew(2);
    await world.clock.advance(LIFE_MS - 60_001);
    assert.equal((await world.read({ minTtlMs: 60_000 })).pair.generation, 1);
    await world.clock.advance(2);
    assert.equal((await world.read({ minTtlMs: 60_000 })).pair.generation, 2);
    assert.equal(world.asked.length, 1);
  });

  it('is met up to half a life, without breaking the promise of refresh_after', async () => {
    const world = await open();
    await world.clock.advance(LIFE_MS / 2 - 1);
    await world.read({ minTtlMs: LIFE_MS / 2 });
    assert.deepEqual(world.asked, []);
    const refused = await assertRefused(
      world.read({ minTtlMs: LIFE_MS / 2 + 1 }),
      'min-ttl-unattainable',
      422,
    );
    assert.match(refused.message, /150 seconds/);
  });

  it('is refused after the first refresh too, when that shows how long a token lives', async () => {
    const world = new ReadWorld();
    await world.set({ generation: 0, pair: undefined });
    world.onRefresh = () => world.renew(1);
    await assertRefused(world.read({ minTtlMs: LIFE_MS }), 'min-ttl-unattainable', 422);
  });

  it('is not pretended to be met when the refresh brought nothing', async () => {
    const world = await open();
    await world.clock.advance(LIFE_MS - 4000);
    await assertRefused(world.read({ minTtlMs: 5000 }), 'refresh-pending', 503);
    assert.equal((await world.read()).pair.generation, 1);
  });
});

describe('reading while Secrets Manager refuses writes', () => {
  it('serves the new token from the ledger before it is published', async () => {
    const world = await open();
    await world.read();
    await world.set({ generation: 2, publication: { lanes: 12, generation: 1, retryAtMs: AT_MS + 30_000 } });
    assert.equal((await world.read()).accessToken.reveal(), 'fake-access-2');
  });
});

describe('reading while the refresh function fails', () => {
  it('serves what is unexpired all the same', async () => {
    const world = await open();
    world.onRefresh = () => Promise.reject(new RefreshServiceError('it failed'));
    assert.equal((await world.read({ refusedGeneration: 1 })).pair.generation, 1);
  });

  it('rejects as it does when there is nothing to serve', async () => {
    const world = await open();
    world.onRefresh = () => Promise.reject(new RefreshServiceError('it failed'));
    await world.clock.advance(LIFE_MS);
    await assert.rejects(world.read(), RefreshServiceError);
  });

  it('waits for it no longer than a reader waits, and takes what came meanwhile', async () => {
    const world = await open();
    world.onRefresh = () => world.clock.sleep(3_600_000);
    await world.clock.advance(LIFE_MS);
    const startMs = world.clock.nowMs();
    await assertRefused(world.read(), 'refresh-pending', 503);
    assert.ok(world.clock.nowMs() - startMs <= world.timing.readWaitMs + 100);
    void world.clock.sleep(1000).then(() => world.renew(2));
    assert.equal((await world.read()).pair.generation, 2);
  });
});

describe('reading while the ledger is away', () => {
  it('serves what this container served last, as long as refresh_after promises, and not a moment longer', async () => {
    const world = await open();
    await world.read();
    world.away.ledger = true;
    await world.clock.advance(LIFE_MS / 2 - 1);
    assert.equal((await world.read()).accessToken.reveal(), 'fake-access-1');
    await world.clock.advance(1);
    await assert.rejects(world.read(), StoreUnavailableError);
  });

  it('has nothing to serve of a credential that it never read, or that was removed when it last looked', async () => {
    const world = await open();
    world.away.ledger = true;
    await assert.rejects(world.read(), StoreUnavailableError);
    world.away.ledger = false;
    await world.read();
    await world.set({ state: 'removed', pair: undefined });
    await assertRefused(world.read(), 'unknown-credential', 404);
    world.away.ledger = true;
    await assert.rejects(world.read(), StoreUnavailableError);
  });

  it('does not serve the very token that the caller had refused, but a later one', async () => {
    const world = await open();
    await world.renew(2);
    await world.read();
    world.away.ledger = true;
    await assert.rejects(world.read({ refusedGeneration: 2 }), StoreUnavailableError);
    assert.equal((await world.read({ refusedGeneration: 1 })).pair.generation, 2);
  });

  it('meets a least time to live, or says that no token has it', async () => {
    const world = await open();
    await world.read();
    world.away.ledger = true;
    assert.equal((await world.read({ minTtlMs: LIFE_MS / 2 })).pair.generation, 1);
    await assertRefused(world.read({ minTtlMs: LIFE_MS / 2 + 1 }), 'min-ttl-unattainable', 422);
  });

  it('does not go back to a token whose replacement it has seen, or seen begin', async () => {
    const world = await open();
    await world.read();
    await world.renew(2);
    world.away.vault = true;
    await assert.rejects(world.read(), StoreUnavailableError);

    const other = await open();
    await other.read();
    await other.set({ attempt: anAttempt(AT_MS) });
    await other.read();
    other.away.ledger = true;
    await assert.rejects(other.read(), StoreUnavailableError);
  });
});

describe('what a container remembers', () => {
  it('never comes before the ledger: a token that was replaced early is not served again', async () => {
    const world = await open();
    await world.read();
    await world.renew(2);
    assert.equal((await world.read()).accessToken.reveal(), 'fake-access-2');
  });

  it('spares opening the seal of the same pair again, and serves it while the vault is away', async () => {
    const world = await open();
    await world.read();
    world.away.vault = true;
    assert.equal((await world.read()).accessToken.reveal(), 'fake-access-1');
    assert.equal(world.opened, 1);
  });

  it('is opened anew when the pair was sealed anew', async () => {
    const world = await open();
    await world.read();
    await world.set({}, { attempt: 'attempt-9' });
    await world.read();
    assert.equal(world.opened, 2);
  });
});

describe('a token that may be dead already', () => {
  it('is served without a promise when a post of its refresh token got no definite answer', async () => {
    const world = await open();
    await world.set({ doubt: { sinceMs: AT_MS } });
    assert.equal((await world.read()).pair.refreshAfterMs, AT_MS);
  });

  it('is served without a promise when the wait for its successor is over', async () => {
    const world = await open();
    await world.set({ attempt: anAttempt(AT_MS) });
    assert.equal((await world.read()).pair.refreshAfterMs, AT_MS + world.timing.readWaitMs);
  });

  it('is served without a promise after an attempt that outlived its lease: nobody knows what it did', async () => {
    const world = await open();
    const attempt = anAttempt(AT_MS);
    await world.set({ attempt: { ...attempt, leaseUntilMs: AT_MS } });
    assert.equal((await world.read()).pair.refreshAfterMs, AT_MS);
  });

  it('of the chain before a reseed is served without a promise until the new chain has brought one', async () => {
    const world = await open();
    const before = await world.ledger.load('acme');
    assert.ok(before?.pair);
    const previous = { pair: before.pair, publishedGeneration: 1 };
    const seed = { ...before.pair, sealedAccess: undefined };
    await world.ledger.save({
      ...before,
      revision: before.revision + 1,
      pair: seed,
      aside: { ...before.aside, previous },
    });
    const { accessToken, pair } = await world.read();
    assert.deepEqual([accessToken.reveal(), pair.refreshAfterMs], ['fake-access-1', AT_MS]);
  });

  it('is not served when it expires while its seal is opened', async () => {
    const world = await open();
    await world.clock.advance(LIFE_MS - 1);
    const { sealer } = world.context;
    const slow = {
      accessToken: async (...pair: Parameters<typeof sealer.accessToken>) => {
        await world.clock.sleep(1);
        return sealer.accessToken(...pair);
      },
      readyToRead: () => sealer.readyToRead(),
    };
    await assertRefused(world.read({}, { ...world.context, sealer: slow }), 'refresh-pending', 503);
  });
});

describe('reading a lapsed or paused credential', () => {
  it('serves its token until it expires, whatever time to live was asked for, and then says what to do', async () => {
    const refusals = [
      ['lapsed', 'credential-lapsed', /renova reseed acme/],
      ['paused', 'credential-paused', /renova resume acme/],
    ] as const;
    for (const [state, code, remedy] of refusals) {
      const world = await open();
      await world.set({ state });
      await world.clock.advance(LIFE_MS - world.timing.expiryMarginMs - 1);
      assert.equal((await world.read({ minTtlMs: 60_000 })).pair.generation, 1);
      await world.clock.advance(1);
      assert.match((await assertRefused(world.read(), code, 409)).message, remedy);
      assert.deepEqual(world.asked, []);
    }
  });
});

async function open(): Promise<ReadWorld> {
  const world = new ReadWorld();
  await world.set();
  return world;
}

async function assertRefused(reading: Promise<unknown>, code: ReadErrorCode, status: number) {
  const error = await reading.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ReadError, String(error));
  assert.equal(error.code, code);
  assert.equal(error.status, status);
  return error;
}
