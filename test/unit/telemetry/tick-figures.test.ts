import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { reportInventory } from '../../../shared/refresh/tick/report-tick.ts';
import { failing, World } from '../../support/world.ts';

const INVENTORY = [
  'ActiveCredentials',
  'PausedCredentials',
  'LapsedCredentials',
  'FailingCredentials',
] as const;

/** What the last inventory counted. */
const counted = (world: World) => INVENTORY.map((name) => world.telemetry.values(name).at(-1));

describe('the figures of a tick', () => {
  it('say what was due, what is left, and that there was a tick, due or not', async () => {
    const world = new World();
    const quota = { key: 'tight', limit: 2, windowMs: 600_000 };
    for (const id of ['a', 'b', 'c']) await world.seed(id, { quota });
    await world.ticks(1);
    assert.equal(world.telemetry.total('Ticks'), 1);
    assert.deepEqual(world.telemetry.values('CredentialsDue'), [3]);
    assert.deepEqual(world.telemetry.values('CredentialsLeft'), [1]);
    const idle = new World();
    await idle.tick();
    assert.equal(idle.telemetry.total('Ticks'), 1);
    assert.deepEqual(idle.telemetry.values('CredentialsDue'), [0]);
  });

  it('count the credentials that a failing store kept it from', async () => {
    const world = new World();
    for (const id of ['bad', 'good']) await world.seed(id);
    world.fault = (store, operation, name) =>
      store === 'ledger' && operation === 'save' && name === 'bad' ? 'before' : undefined;
    await world.tick();
    assert.equal(world.telemetry.total('StoreFailures'), 1);
  });

  it('are no tick when the ledger cannot be asked what is due', async () => {
    const world = new World();
    world.fault = failing('ledger', 'due', 'before');
    await assert.rejects(world.tick(), { code: 'store-unavailable' });
    assert.equal(world.telemetry.total('Ticks'), 0);
    assert.deepEqual(counted(world), [undefined, undefined, undefined, undefined]);
  });

  it('say how long ago the tick before began, whichever container it was in', async () => {
    const world = new World();
    await world.tick();
    assert.deepEqual(world.telemetry.values('SecondsSinceLastTick'), []);
    await world.clock.advance(60_000);
    await world.tick(world.newContainer());
    await world.clock.advance(900_000);
    await world.tick(world.newContainer());
    assert.deepEqual(world.telemetry.values('SecondsSinceLastTick').map(Math.round), [60, 900]);
  });

  it('go without that when the mark cannot be read or written, and the tick does its work', async () => {
    const world = new World();
    await world.seed('acme');
    world.fault = (store) => (store === 'timestamps' ? 'before' : undefined);
    assert.deepEqual(await world.tick(), { due: 1, results: { refreshed: 1 }, left: 0 });
    assert.deepEqual(world.telemetry.values('SecondsSinceLastTick'), []);
    assert.equal(world.telemetry.total('Ticks'), 1);
  });
});

describe('the inventory of a tick', () => {
  it('counts the credentials as the tick leaves them', async () => {
    const world = new World();
    for (const id of ['good', 'paused', 'bad']) await world.seed(id);
    await applyTransition(world.container, 'paused', (record) => ({ ...record, state: 'paused' }));
    world.endpoint.play(world.provider.answer, { kind: 'refused-grant', reason: 'invalid_grant' });
    await world.tick();
    assert.deepEqual(counted(world), [1, 1, 1, 0]);
    const [hours] = world.telemetry.values('HoursToLapse');
    assert.ok(hours !== undefined && hours > 47.9 && hours <= 48, String(hours));
  });

  it('states of each quota what counts now and what is demanded', async () => {
    const world = new World();
    for (const id of ['a', 'b', 'c']) await world.seed(id);
    await world.tick();
    assert.deepEqual(world.telemetry.values('QuotaUsed', 'bs2'), [30]);
    const [demanded] = world.telemetry.values('QuotaDemanded', 'bs2');
    assert.ok(demanded !== undefined && Math.abs(demanded - 6.8) < 1e-9, String(demanded));
  });

  it('states what counts of a large quota in percent of what can count at a time', async () => {
    const world = new World();
    const quota = { key: 'large', limit: 2000, windowMs: 60_000 };
    await world.seed('acme', { quota });
    const more = () =>
      world.container.quota.acquire(quota, world.clock.nowMs() + world.timing.answerByMs, {
        priority: 'urgent',
      });
    while ('permit' in (await more()));
    await reportInventory(world.container, { remainingMs: () => 100_000 }, new Map());
    const [used = 0] = world.telemetry.values('QuotaUsed', 'large');
    assert.ok(used > 95 && used <= 100, `${used} %`);
  });

  it('has figures of the busiest quotas and of the twenty next, and not of any number', async () => {
    const world = new World();
    for (let at = 0; at < 25; at += 1) {
      await world.seed(`acme-${at}`, {
        quota: { key: `client-${at}`, limit: at < 3 ? 1 : 10, windowMs: 60_000 },
      });
    }
    await reportInventory(world.container, { remainingMs: () => 100_000 }, new Map());
    const keys = Array.from({ length: 25 }, (_, at) => `client-${at}`);
    for (const figure of ['QuotaUsed', 'QuotaDemanded'] as const) {
      const told = keys.filter((key) => world.telemetry.values(figure, key).length > 0);
      assert.equal(told.length, 20, figure);
      assert.deepEqual(told.slice(0, 3), ['client-0', 'client-1', 'client-2']);
    }
  });

  it('is taken once in five minutes over all containers, and reads the ledger no other time', async () => {
    const world = new World();
    await world.seed('acme');
    let lists = 0;
    world.fault = (_store, operation) => {
      if (operation === 'list') lists += 1;
      return undefined;
    };
    for (let minute = 0; minute < 10; minute += 1) {
      const startMs = world.clock.monotonicMs();
      await world.tick(world.newContainer());
      await world.clock.advance(60_000 - (world.clock.monotonicMs() - startMs));
    }
    assert.equal(lists, 2);
    assert.equal(world.telemetry.values('ActiveCredentials').length, 2);
  });

  it('is left out when the invocation is at its end, and made up for by the next tick', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick(world.container, { remainingMs: () => 14_999 });
    assert.deepEqual(counted(world), [undefined, undefined, undefined, undefined]);
    await world.tick();
    assert.deepEqual(counted(world), [1, 0, 0, 0]);
  });

  it('reports no part of a count that time did not suffice for', async () => {
    const world = new World();
    for (const id of ['a', 'b', 'c']) await world.seed(id);
    let left = 100_000;
    world.fault = (_store, operation) => {
      if (operation === 'list') left = 10_000;
      return undefined;
    };
    await world.tick(world.container, { remainingMs: () => left });
    assert.deepEqual(counted(world), [undefined, undefined, undefined, undefined]);
  });

  it('fails no tick when the ledger cannot be listed', async () => {
    const world = new World();
    await world.seed('acme');
    world.fault = failing('ledger', 'list', 'before');
    assert.deepEqual(await world.tick(), { due: 1, results: { refreshed: 1 }, left: 0 });
    assert.deepEqual(counted(world), [undefined, undefined, undefined, undefined]);
  });

  it('counts the credentials even when the quota cannot be read', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    await world.clock.advance(5 * 60_000);
    world.fault = (store) => (store === 'quota' ? 'before' : undefined);
    await world.tick();
    assert.equal(world.telemetry.values('ActiveCredentials').length, 2);
    assert.equal(world.telemetry.values('QuotaDemanded', 'bs2').length, 2);
    assert.equal(world.telemetry.values('QuotaUsed', 'bs2').length, 1);
  });
});
