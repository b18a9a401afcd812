import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timingFor } from '../../../shared/config/timing.ts';
import { refreshCredential } from '../../../shared/refresh/refresh-credential.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { ScriptedTokenEndpoint } from '../../support/fakes/scripted-token-endpoint.ts';
import { overriding } from '../../support/overriding.ts';
import { failing, World } from '../../support/world.ts';

describe('refreshing one credential', () => {
  it('keeps, publishes and schedules the new pair at half-life', async () => {
    const world = new World();
    await world.seed('acme');
    const startedAtMs = world.clock.nowMs();

    const done = await world.refresh('acme');

    assert.equal(done.result, 'refreshed');
    const record = await world.record('acme');
    assert.equal(record.generation, 1);
    assert.equal(record.publication.generation, 1);
    assert.equal(record.attempt, undefined);
    assert.equal(record.refreshAtMs, startedAtMs + 150_000);
    assert.equal(record.dueAtMs, record.refreshAtMs);
    assert.ok(world.provider.accepts(await world.accessToken('acme')));
    const published = await world.published('acme');
    assert.equal(published.generation, 1);
    assert.equal(published.access_token, (await world.accessToken('acme'))?.reveal());
    assert.equal('refresh_token' in published, false);
  });

  it('does nothing before half-life, and refreshes at it', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');

    await world.clock.advance(149_999);
    assert.deepEqual(await world.refresh('acme'), { result: 'nothing', reason: 'not-due', generation: 1 });
    await world.clock.advance(1);
    assert.equal((await world.refresh('acme')).result, 'refreshed');
  });

  it('keeps a chain alive for two days of ticks without a reuse, an expiry or a full lane', async () => {
    const world = new World();
    await world.seed('acme');
    for (let minute = 0; minute < 2 * 24 * 60; minute += 1) {
      await world.ticks(1);
      assert.ok(world.provider.accepts(await world.accessToken('acme')), `minute ${minute}`);
    }
    assert.equal(world.provider.reused, 0);
    const record = await world.record('acme');
    assert.equal(record.publication.generation, record.generation);
    assert.equal(world.provider.issued, record.generation);
    const versions = world.secrets.names().map((name) => world.secrets.versionCount(name));
    assert.ok(Math.max(...versions) < 100, `most versions: ${Math.max(...versions)}`);
  });

  it('posts once when two containers race for one credential', async () => {
    const world = new World();
    await world.seed('acme');
    const results = await world.drive(
      Promise.all(
        [world.newContainer(), world.newContainer()].map((container) => world.refresh('acme', {}, container)),
      ),
    );
    assert.deepEqual(results.map((done) => done.result).sort(), ['refreshed', 'waiting']);
    assert.equal(world.provider.issued, 1);
    assert.equal(world.provider.reused, 0);
  });

  it('refreshes once when two ask to replace the same generation', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    assert.equal((await world.refresh('acme', { ifGeneration: 1 })).result, 'refreshed');
    assert.equal((await world.refresh('acme', { ifGeneration: 1 })).result, 'nothing');
    assert.equal(world.provider.issued, 2);
  });

  it('renews for a refused token once in a quarter of a life', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    assert.equal((await world.refresh('acme', { ifGeneration: 1, refused: true })).result, 'refreshed');
    await world.clock.advance(74_999);
    assert.equal((await world.refresh('acme', { ifGeneration: 2, refused: true })).result, 'nothing');
    await world.clock.advance(1);
    assert.equal((await world.refresh('acme', { ifGeneration: 2, refused: true })).result, 'refreshed');
  });

  it('renews for the next report when the last one met a provider that was away', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    world.endpoint.play({ kind: 'not-sent', reason: 'ENOTFOUND' });
    const report = { ifGeneration: 1, refused: true };
    assert.equal((await world.refresh('acme', report)).result, 'failed');
    assert.equal((await world.refresh('acme', report)).result, 'nothing', 'a flood of reports waits');
    await world.clock.advance(world.timing.soonMs);
    assert.equal((await world.refresh('acme', report)).result, 'refreshed');
  });

  it('does not begin an attempt that the invocation has no time to finish', async () => {
    const world = new World();
    await world.seed('acme');
    const short = { remainingMs: () => world.timing.publishByMs - 1 };
    assert.equal((await world.refresh('acme', {}, world.container, short)).result, 'no-time');
    assert.equal(world.endpoint.received.length, 0);
  });

  it('sends nothing once the time in which the lease covers the answer is over', async () => {
    const world = new World();
    await world.seed('acme');
    const { sendByMs } = world.timing;
    const connecting = (connectMs: number) => {
      const tokenEndpoint = new ScriptedTokenEndpoint({ clock: world.clock, connectMs });
      tokenEndpoint.playAlways(world.provider.answer);
      return { ...world.container, tokenEndpoint };
    };
    assert.equal((await world.refresh('acme', {}, connecting(sendByMs))).reason, 'not-sent');
    assert.equal(
      (await world.refresh('acme', { force: true }, connecting(sendByMs - 50))).result,
      'refreshed',
    );
  });

  it('waits for a slow answer as long as the credential says, with its whole lease', async () => {
    for (const [answerSeconds, result] of [
      [undefined, 'failed'],
      [60, 'refreshed'],
    ] as const) {
      const world = new World();
      await world.seed('acme', { answerSeconds });
      const tokenEndpoint = new ScriptedTokenEndpoint({ clock: world.clock });
      tokenEndpoint.play(async (request) => {
        const outcome = world.provider.answer(request);
        await world.clock.sleep(59_900);
        return outcome;
      });
      const container = { ...world.container, tokenEndpoint };
      const first = world.refresh('acme', {}, container);
      const second = world.clock.sleep(59_000).then(() => world.refresh('acme', { force: true }));
      const [done, other] = await world.drive(Promise.all([first, second]));
      assert.equal(done.result, result, `${answerSeconds}`);
      if (answerSeconds) {
        assert.equal(other.result, 'waiting');
        assert.equal(world.provider.reused, 0);
      }
    }
  });

  it('begins no attempt of a slow provider that could outlive the invocation', async () => {
    const world = new World();
    await world.seed('acme', { answerSeconds: 60 });
    const remainingMs = timingFor(world.timing, { answerSeconds: 60 }).publishByMs - 1;
    const done = await refreshCredential(world.container, { remainingMs: () => remainingMs }, 'acme', {
      priority: 'scheduled',
    });
    assert.equal(done.result, 'no-time');
    assert.equal(world.provider.issued, 0);
  });

  it('says so when there is no such credential', async () => {
    assert.equal((await new World().refresh('nobody')).result, 'unknown-credential');
  });
});

describe('when the ledger fails', () => {
  it('posts nothing while begin cannot be written', async () => {
    const world = new World();
    await world.seed('acme');
    world.fault = failing('ledger', 'save', 'before');
    await assert.rejects(world.refresh('acme'), { code: 'store-unavailable' });
    assert.equal(world.endpoint.received.length, 0);
    assert.equal((await world.refresh('acme')).result, 'refreshed');
  });

  it('puts the pair into the rescue secret when keep fails, and the next tick adopts it', async () => {
    const world = new World();
    await world.seed('acme');
    let begun = false;
    world.fault = (store, operation) => {
      if (store !== 'ledger' || operation !== 'save') return undefined;
      if (begun) return 'before';
      begun = true;
      return undefined;
    };
    assert.deepEqual((await world.refresh('acme')).reason, 'rescue');
    world.fault = () => undefined;

    await world.clock.advance(world.timing.leaseMs);
    assert.equal((await world.refresh('acme', {}, world.newContainer())).result, 'adopted');

    assert.equal(world.endpoint.received.length, 1);
    assert.ok(await world.chainLives('acme'));
    assert.equal((await world.published('acme')).generation, 1);
  });

  it('keeps the pair when the answer to keep was lost but the write was not', async () => {
    const world = new World();
    await world.seed('acme');
    let saves = 0;
    world.fault = (store, operation) =>
      store === 'ledger' && operation === 'save' && ++saves === 2 ? 'after' : undefined;
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    const record = await world.record('acme');
    assert.deepEqual(
      [record.generation, record.publication.generation, record.aside.spares.length],
      [1, 1, 0],
    );
  });

  it('holds the pair in memory when both stores fail until the invocation ends, and stores it in the next', async () => {
    const world = await withPairInMemory();
    world.fault = () => undefined;

    await world.tick();
    await world.ticks(2);

    assert.ok(await world.chainLives('acme'));
    assert.equal((await world.record('acme')).generation, 1);
    assert.equal(world.provider.reused, 0);
  });
});

describe('a pair in memory, in the next run of its container', () => {
  it('is stored first thing, though nobody can say what is due, and the tick fails all the same', async () => {
    const world = await withPairInMemory();
    world.fault = (store, operation) => (store === 'ledger' && operation === 'due' ? 'before' : undefined);

    await assert.rejects(world.tick(), StoreUnavailableError);

    assert.equal((await world.record('acme')).generation, 1);
    assert.equal(world.container.unstored.size, 0);
    await assert.rejects(world.tick(), StoreUnavailableError, 'with nothing in memory it fails at once');
    world.fault = () => undefined;
    await world.ticks(2);
    assert.ok(await world.chainLives('acme'));
  });
});

describe('when publishing fails', () => {
  it('gives up a write that hangs before the lease ends', async () => {
    const world = new World();
    await world.seed('acme');
    const hanging = (_: unknown, signal?: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new StoreUnavailableError('gave up')));
      });
    const publication = overriding(world.container.publication, { publish: hanging });
    const refreshing = await world.refresh('acme', {}, { ...world.container, publication });
    assert.equal(refreshing.result, 'unpublished');
    assert.ok(world.clock.monotonicMs() < world.timing.leaseMs);
    assert.equal((await world.record('acme')).attempt, undefined);
  });

  it('serves the pair from the ledger and publishes it at the next tick', async () => {
    const world = new World();
    await world.seed('acme');
    world.fault = (store, operation) => (store === 'vault' && operation === 'put' ? 'before' : undefined);
    assert.equal((await world.refresh('acme')).result, 'unpublished');
    assert.equal((await world.published('acme')).generation, 0);
    world.fault = () => undefined;

    await world.ticks(2);

    assert.equal((await world.published('acme')).generation, 1);
    assert.equal((await world.record('acme')).publication.generation, 1);
    assert.equal(world.endpoint.received.length, 1);
  });

  it('goes on refreshing while the vault takes no writes for a day, then publishes the current pair only', async () => {
    const world = new World();
    await world.seed('acme');
    world.fault = (store, operation) => (store === 'vault' && operation === 'put' ? 'before' : undefined);
    await world.ticks(24 * 60);
    assert.ok(world.provider.accepts(await world.accessToken('acme')));
    world.fault = () => undefined;
    await world.ticks(2);
    const { generation } = await world.record('acme');
    assert.equal((await world.published('acme')).generation, generation);
    assert.ok(generation > 400);
  });
});

/** Both stores fail from the post on until the invocation ends: its container alone has the pair. */
async function withPairInMemory(): Promise<World> {
  const world = new World();
  await world.seed('acme');
  let saves = 0;
  world.fault = (store, operation) => {
    if (store === 'vault' && operation !== 'get') return 'before';
    return store === 'ledger' && operation === 'save' && ++saves > 1 ? 'before' : undefined;
  };
  const endMs = world.clock.monotonicMs() + 90_000;
  const run = { remainingMs: () => endMs - world.clock.monotonicMs() };
  assert.deepEqual((await world.refresh('acme', {}, world.container, run)).reason, 'memory');
  return world;
}
