import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CredentialSettings } from '../../../shared/credential/settings.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import type { ProviderOutcome } from '../../support/fakes/scripted-token-endpoint.ts';
import { World } from '../../support/world.ts';

const PASSWORD: Partial<CredentialSettings> = { grant: 'password', clientAuth: 'none', quota: undefined };

/** An answer with a refresh token, unless `refresh` says otherwise. */
function pair(number: number, refresh = true): ProviderOutcome {
  return {
    kind: 'success',
    response: {
      accessToken: new Secret(`fake-access-${number}`),
      refreshToken: refresh ? new Secret(`fake-refresh-${number}`) : undefined,
      tokenType: 'bearer',
      expiresInSeconds: 300,
    },
  };
}

/** Registered, logged in once, and at half-life. */
async function dueWorld(settings = PASSWORD): Promise<World> {
  const world = new World();
  await world.seed('acme', settings);
  const login = {
    username: 'fake-user',
    password: 'fake-password',
    client_id: 'fake-id',
    client_secret: 'fake-s',
  };
  await world.secrets.put(world.names.client('acme'), renderClient(login));
  world.endpoint.play(pair(1));
  assert.equal((await world.refresh('acme')).result, 'refreshed');
  await world.clock.advance(150_000);
  return world;
}

const grants = (world: World) =>
  world.endpoint.received.map(({ request }) => [request.grant, request.refreshToken?.reveal()]);

describe('a credential that logs in by itself', () => {
  it('logs in first, then refreshes with the refresh token', async () => {
    const world = await dueWorld();
    world.endpoint.play(pair(2));
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    assert.deepEqual(grants(world), [
      ['password', undefined],
      ['refresh_token', 'fake-refresh-1'],
    ]);
  });

  it('logs in again when an answer had no refresh token', async () => {
    const world = new World();
    await world.seed('acme', { ...PASSWORD, grant: 'client_credentials' });
    world.endpoint.play(pair(1, false), pair(2, false));
    await world.refresh('acme');
    await world.clock.advance(150_000);
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    assert.deepEqual(grants(world), [
      ['client_credentials', undefined],
      ['client_credentials', undefined],
    ]);
    assert.equal((await world.record('acme')).pair?.refreshTokenExpiresAtMs, undefined);
  });

  for (const refused of [
    { kind: 'refused-grant', reason: 'invalid_grant' },
    { kind: 'refused-client', reason: 'unsupported_grant_type' },
    { kind: 'refused-client', reason: 'http-401' },
    { kind: 'refused-client', reason: 'http-400' },
  ] as const) {
    it(`logs in within the same tick when the refresh token is refused (${refused.reason})`, async () => {
      const world = await dueWorld();
      world.endpoint.play(refused, pair(2));
      assert.deepEqual((await world.tick()).results, { failed: 1, refreshed: 1 });
      assert.deepEqual(grants(world).at(-1), ['password', undefined]);
      const { state, failure, generation } = await world.record('acme');
      assert.deepEqual([state, failure, generation], ['active', undefined, 2]);
    });
  }

  it('keeps its refresh token when the client is refused: a login would be too', async () => {
    const world = await dueWorld();
    world.endpoint.play({ kind: 'refused-client', reason: 'invalid_client' });
    await world.refresh('acme');
    const { pair: held, failure } = await world.record('acme');
    assert.notEqual(held?.sealedRefresh, undefined);
    assert.equal(failure?.outcome, 'refused-client');
    assert.equal(grants(world).length, 2);
  });

  it('is misconfigured, not lapsed, when its login is refused, and tries hourly after two tries', async () => {
    const world = await dueWorld();
    const refused = { kind: 'refused-grant', reason: 'invalid_grant' } as const;
    world.endpoint.playAlways(refused);
    await world.ticks(6);
    const { state, failure, refreshAtMs } = await world.record('acme');
    assert.deepEqual([state, failure?.outcome], ['active', 'refused-grant']);
    assert.ok(refreshAtMs - (failure?.lastAtMs ?? 0) === world.timing.misconfiguredRetryMs);
    const before = grants(world).length;
    await world.ticks(50);
    assert.equal(grants(world).length, before);
    world.endpoint.playAlways(pair(2));
    await world.ticks(12);
    assert.ok((await world.record('acme')).generation >= 2);
  });

  it('serves the access token that it has while its login fails', async () => {
    const world = await dueWorld();
    world.endpoint.playAlways({ kind: 'refused-grant', reason: 'invalid_grant' });
    await world.tick();
    assert.equal((await world.accessToken('acme'))?.reveal(), 'fake-access-1');
  });

  it('survives an answer that cannot be read: it is kept for the operator, and a later login goes on', async () => {
    const world = await dueWorld();
    world.endpoint.play({ kind: 'garbled', body: new Secret('{"fake-garbled') }, pair(2));
    assert.equal((await world.refresh('acme')).result, 'failed');
    const { state, aside, failure } = await world.record('acme');
    const { unreadable } = aside;
    assert.deepEqual([state, failure?.outcome], ['active', 'garbled']);
    assert.notEqual(unreadable, undefined);
    await world.ticks(3);
    assert.deepEqual(grants(world).at(-1), ['password', undefined]);
    assert.equal((await world.record('acme')).generation, 2);
  });

  it('does not lapse with its refresh token', async () => {
    const world = await dueWorld({ ...PASSWORD, refreshTokenMs: 600_000 });
    await world.clock.advance(3_600_000);
    world.endpoint.play({ kind: 'refused-grant', reason: 'invalid_grant' }, pair(2));
    await world.ticks(1);
    const { state, generation } = await world.record('acme');
    assert.deepEqual([state, generation], ['active', 2]);
    const told = world.events.accepted.map(({ type }) => type);
    assert.equal(told.includes('Refresh Token Lapsing'), false);
  });
});

describe('a credential on demand that logs in and gets no refresh token', () => {
  it('is renewed when a reader asks, and not by the schedule', async () => {
    const world = await onDemand();
    await world.ticks(60);
    assert.equal(world.endpoint.received.length, 1);
    world.endpoint.play(pair(2, false));
    assert.equal((await world.refresh('acme', { ifGeneration: 1 })).result, 'refreshed');
    assert.equal((await world.record('acme')).generation, 2);
  });

  it('leaves a refused login to the next reader, once its time to wait is over', async () => {
    const world = await onDemand();
    world.endpoint.play({ kind: 'refused-grant', reason: 'invalid_grant' }, pair(2, false));
    assert.equal((await world.refresh('acme', { ifGeneration: 1 })).result, 'failed');
    assert.equal((await world.refresh('acme', { ifGeneration: 1 })).result, 'nothing');
    await world.clock.advance(world.timing.soonMs);
    assert.equal(world.endpoint.received.length, 2);
    assert.equal((await world.refresh('acme', { ifGeneration: 1 })).result, 'refreshed');
  });

  async function onDemand(): Promise<World> {
    const world = new World();
    const settings = { grant: 'client_credentials', mode: 'on-demand', publish: 'none' } as const;
    await world.seed('acme', { ...settings, quota: undefined, refreshTokenMs: undefined });
    world.endpoint.play(pair(1, false));
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    return world;
  }
});

describe('a credential whose refresh token is not replaced', () => {
  it('goes on with the same one', async () => {
    const world = await dueWorld({ grant: 'refresh_token', quota: undefined });
    world.endpoint.play(pair(2, false), pair(3, false));
    await world.refresh('acme');
    await world.clock.advance(150_000);
    await world.refresh('acme');
    assert.deepEqual(
      grants(world)
        .slice(1)
        .map(([, token]) => token),
      ['fake-refresh-1', 'fake-refresh-1'],
    );
  });
});
