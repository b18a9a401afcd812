import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { World } from '../../support/world.ts';

const types = (world: World) => world.events.accepted.map((event) => event.type);
const HOUR = 60;

/** A world in which the provider has been away since the first refresh. */
async function withoutProvider(): Promise<World> {
  const world = new World();
  await world.seed('acme');
  await world.tick();
  world.endpoint.playAlways({ kind: 'not-sent', reason: 'ECONNREFUSED' });
  return world;
}

describe('events', () => {
  it('tell of every refresh, once, after it was published', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(10);
    const { generation } = await world.record('acme');
    assert.deepEqual(
      world.events.accepted.map(({ type, detail }) => [type, detail.generation]),
      Array.from({ length: generation }, (_, n) => ['Token Refreshed', n + 1]),
    );
  });

  it('do not tell of a refresh before it is published', async () => {
    const world = new World();
    await world.seed('acme');
    world.fault = (store, operation) => (store === 'vault' && operation === 'put' ? 'before' : undefined);
    await world.tick();
    assert.deepEqual(types(world), []);
    world.fault = () => undefined;
    await world.ticks(2);
    assert.deepEqual(types(world), ['Token Refreshed']);
  });

  it('wait for a bus that is away and are told once it is back', async () => {
    const world = new World();
    await world.seed('acme');
    world.events.refusing = true;
    await world.ticks(3);
    assert.deepEqual(types(world), []);
    world.events.refusing = false;
    await world.ticks(1);
    const { generation } = await world.record('acme');
    assert.deepEqual(
      world.events.accepted.map(({ detail }) => detail.generation),
      [generation],
    );
    await world.ticks(1);
    assert.equal(types(world).length, 1);
  });

  it('tell that refreshes fail at the latest when the token expires, then that all is well again', async () => {
    const world = await withoutProvider();
    const { pair } = await world.record('acme');
    while (!types(world).includes('Refresh Failing')) await world.ticks(1);
    assert.ok(world.clock.nowMs() <= (pair?.expiresAtMs ?? 0) + 60_000);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(20);
    const told = types(world).filter((type) => type !== 'Token Refreshed');
    assert.deepEqual(told, ['Refresh Failing', 'Credential Recovered']);
    const failing = world.events.accepted.find(({ type }) => type === 'Refresh Failing')?.detail;
    assert.match(failing?.remedy ?? '', /npx --no-install renova status acme --env prd$/);
    assert.equal(failing?.reason, 'ECONNREFUSED');
  });

  it('warn 24, 12, 6 and 1 hours before a lapse, each within a tick, then tell of the lapse', async () => {
    const world = await withoutProvider();
    const endMs = (await world.record('acme')).pair?.refreshTokenExpiresAtMs ?? 0;
    await world.ticks(48 * HOUR);
    world.endpoint.playAlways({ kind: 'refused-grant', reason: 'invalid_grant' });
    await world.ticks(20);
    const warnings = world.events.accepted.filter(({ type }) => type === 'Refresh Token Lapsing');
    assert.deepEqual(
      warnings.map(({ detail }) => detail.hours_left),
      [24, 12, 6, 1],
    );
    for (const { detail } of warnings) {
      const delayMs = Date.parse(detail.at) - (endMs - (detail.hours_left ?? 0) * 3_600_000);
      assert.ok(delayMs >= 0 && delayMs <= 60_000, `${detail.hours_left} h: ${delayMs} ms late`);
    }
    assert.equal(types(world).at(-1), 'Credential Lapsed');
    assert.equal(types(world).filter((type) => type === 'Credential Lapsed').length, 1);
  });

  for (const [life, refreshTokenMs, hours, words] of [
    ['two hours', 2 * HOUR * 60_000, 1, 'an hour'],
    ['a minute less than two hours', (2 * HOUR - 1) * 60_000, 29 / 60, '29 minutes'],
    ['an hour', HOUR * 60_000, 0.25, '15 minutes'],
    ['eight minutes', 8 * 60_000, 2 / 60, '2 minutes'],
  ] as const) {
    it(`warn once and in time of the end of a refresh token that lives for ${life}`, async () => {
      const world = new World();
      await world.seed('acme', { refreshTokenMs });
      await world.tick();
      world.endpoint.playAlways({ kind: 'not-sent', reason: 'ECONNREFUSED' });
      const endMs = (await world.record('acme')).pair?.refreshTokenExpiresAtMs ?? 0;
      await world.ticks(refreshTokenMs / 60_000);
      const warnings = world.events.accepted.filter(({ type }) => type === 'Refresh Token Lapsing');
      assert.deepEqual(
        warnings.map(({ detail }) => detail.hours_left),
        [hours],
      );
      const [warning] = warnings;
      const delayMs = Date.parse(warning?.detail.at ?? '') - (endMs - hours * 3_600_000);
      assert.ok(delayMs >= 0 && delayMs <= 60_000, `${delayMs} ms late`);
      assert.match(warning?.detail.explanation ?? '', new RegExp(`ends in ${words} or less`));
    });
  }

  it('warn of no refresh token whose warning would come in its last two minutes', async () => {
    const world = new World();
    await world.seed('acme', { refreshTokenMs: 8 * 60_000 - 1 });
    await world.tick();
    world.endpoint.playAlways({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    await world.ticks(9);
    assert.equal(types(world).includes('Refresh Token Lapsing'), false);
  });

  it('warn of no short refresh token that is renewed in time', async () => {
    const world = new World();
    await world.seed('acme', { refreshTokenMs: 8 * 60_000, defaultAccessTokenMs: 24 * HOUR * 60_000 });
    await world.ticks(3 * HOUR);
    assert.equal(types(world).includes('Refresh Token Lapsing'), false);
    assert.equal((await world.record('acme')).state, 'active');
  });

  it('warn about a paused credential too', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    await applyTransition(world.container, 'acme', (record) => ({ ...record, state: 'paused' }));
    await world.ticks(25 * HOUR);
    const warning = world.events.accepted.at(-1);
    assert.deepEqual([warning?.type, warning?.detail.hours_left], ['Refresh Token Lapsing', 24]);
    assert.match(warning?.detail.remedy ?? '', /renova resume acme/);
  });

  it('tell that the refresh token of a paused credential has come to its end, once, and what fixes it', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    await applyTransition(world.container, 'acme', (record) => ({ ...record, state: 'paused' }));
    await world.ticks(49 * HOUR);
    const ends = world.events.accepted.filter(({ type }) => type === 'Credential Lapsed');
    assert.equal(ends.length, 1);
    assert.match(ends[0]?.detail.explanation ?? '', /ended while it was paused/);
    assert.deepEqual(ends[0]?.detail.command, { name: 'reseed', id: 'acme' });
    assert.equal(ends[0]?.detail.reason, 'refresh-token-expired');
  });

  it('tell only the nearest threshold after a pause of the bus', async () => {
    const world = await withoutProvider();
    world.events.refusing = true;
    await world.ticks(43 * HOUR);
    world.events.refusing = false;
    await world.ticks(1);
    const warnings = world.events.accepted.filter(({ type }) => type === 'Refresh Token Lapsing');
    assert.deepEqual(
      warnings.map(({ detail }) => detail.hours_left),
      [6],
    );
  });

  it('do not warn of a credential that is refreshed', async () => {
    const world = new World();
    await world.seed('acme', { mode: 'on-demand', publish: 'none' });
    await world.ticks(50 * HOUR);
    assert.deepEqual(new Set(types(world)), new Set(['Token Refreshed']));
  });

  it('tell of a refused client once, however often it is tried', async () => {
    const world = await withoutProvider();
    world.endpoint.playAlways({ kind: 'refused-client', reason: 'invalid_client' });
    await world.ticks(5 * HOUR);
    assert.equal(types(world).filter((type) => type === 'Credential Misconfigured').length, 1);
    assert.equal(types(world).includes('Refresh Failing'), false);
  });

  it('tell of a key or a secret that cannot be read, while no refresh token is spent', async () => {
    const world = await withoutProvider();
    const posts = world.endpoint.received.length;
    const container = world.newContainer();
    world.fault = (store, operation, name) =>
      store === 'vault' && operation === 'get' && name.endsWith('/client') ? 'before' : undefined;
    const told = () => world.events.accepted.find(({ type }) => type === 'Credential Misconfigured');
    while ((await world.record('acme')).failure?.count !== 2) {
      await world.tick(container);
      await world.clock.advance(20_000);
    }
    assert.equal(told(), undefined, 'a vault that is away for a moment alarms nobody');
    for (let minute = 0; minute < 2; minute += 1) {
      await world.clock.advance(60_000);
      await world.tick(container);
    }
    assert.equal(told()?.detail.reason, 'store-unavailable');
    assert.equal(world.endpoint.received.length, posts);
  });

  it('tell of refused reports once, however long they go on, and anew after an hour without', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    const reports = () =>
      world.events.accepted.filter(({ type }) => type === 'Token Reported Refused').length;
    const report = async () => {
      const { generation } = await world.record('acme');
      await world.refresh('acme', { ifGeneration: generation, refused: true });
    };
    for (let minute = 0; minute < 120; minute += 5) {
      await report();
      await world.ticks(5);
    }
    assert.equal(reports(), 1);
    await world.ticks(61);
    await report();
    await world.ticks(1);
    assert.equal(reports(), 2);
  });
});
