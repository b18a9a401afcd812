// Any OAuth 2 server, proven against a second one that nobody here wrote: @node-oauth/oauth2-server.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { CLIENT, startNodeOauthServer, USER } from './node-oauth-server.ts';
import { ProviderWorld } from './provider-world.ts';

const DAY_MINUTES = 24 * 60;

async function serverWorld(t: TestContext, options?: Parameters<typeof startNodeOauthServer>[2]) {
  const world = new ProviderWorld(t);
  const server = await startNodeOauthServer(t, world, options);
  const register = (more: object = {}) =>
    world.do({
      action: 'register',
      credential: 'acme',
      provider: 'oauth2',
      token_url: server.tokenUrl,
      client: { ...CLIENT, ...USER },
      ...more,
    });
  return { world, server, register };
}

for (const grant of ['refresh_token', 'password', 'client_credentials'] as const) {
  test(`a day with grant ${grant}: every token works`, async (t) => {
    const { world, server, register } = await serverWorld(t);
    const { steps } = await register({ grant });
    assert.equal(
      steps.every((step: { ok: boolean }) => step.ok),
      true,
      JSON.stringify(steps),
    );
    await world.live(DAY_MINUTES, async (minute) => {
      const token = await world.tokenOf('acme');
      if (minute % 20 === 0) assert.equal(await server.accepts(token), true, `minute ${minute}`);
    });
    const { generation, failure } = await world.record('acme');
    assert.equal(failure, undefined);
    // With grant refresh_token, one login was made for the first refresh token.
    assert.equal(
      world.posts,
      generation + (grant === 'refresh_token' ? 1 : 0),
      'one post for each generation',
    );
    assert.ok(generation >= DAY_MINUTES / 3, `generation ${generation}`);
  });
}

for (const client_auth of ['post', 'basic']) {
  test(`the client proves who it is by ${client_auth}`, async (t) => {
    const { world, server, register } = await serverWorld(t);
    await register({ grant: 'password', client_auth });
    await world.live(6);
    assert.equal(await server.accepts(await world.tokenOf('acme')), true);
    assert.ok((await world.record('acme')).generation >= 2);
  });
}

test('two containers at once: one post for each generation', async (t) => {
  const { world, server, register } = await serverWorld(t);
  await register({ grant: 'refresh_token' });
  const containers = [world.newContainer(), world.newContainer()];
  for (let round = 0; round < 40; round += 1) {
    const trigger = { force: true };
    await world.world.drive(
      Promise.all(containers.map((container) => world.refreshIn(container, 'acme', trigger))),
    );
    assert.equal(await server.accepts(await world.tokenOf('acme')), true, `round ${round}`);
    await world.world.clock.advance(1000);
  }
  const { generation } = await world.record('acme');
  assert.ok(generation > 40);
  assert.equal(world.posts, generation + 1);
});

describe('a server that does not replace refresh tokens', () => {
  test('is refreshed with the same one', async (t) => {
    const { world, server, register } = await serverWorld(t, { rotates: false });
    await register({ grant: 'refresh_token' });
    await world.live(60);
    assert.equal(await server.accepts(await world.tokenOf('acme')), true);
    assert.ok((await world.record('acme')).generation >= 20);
  });

  test('logs in again by itself when that one has come to its end', async (t) => {
    const { world, server, register } = await serverWorld(t, { rotates: false, refreshTokenSeconds: 3600 });
    await register({ grant: 'password' });
    await world.live(
      180,
      async () => void assert.equal(await server.accepts(await world.tokenOf('acme')), true),
    );
    assert.equal((await world.record('acme')).state, 'active');
  });

  test('lapses then without a stored password, and a login goes on', async (t) => {
    const { world, server, register } = await serverWorld(t, { rotates: false, refreshTokenSeconds: 3600 });
    await register({ grant: 'refresh_token' });
    await world.live(70);
    assert.equal((await world.record('acme')).lapse?.reason, 'grant-refused');
    await world.do({ action: 'reseed', credential: 'acme', client: USER });
    assert.equal(await server.accepts(await world.tokenOf('acme')), true);
  });
});

test('a wrong password is told to the operator, and the right one fixes it', async (t) => {
  const { world, register } = await serverWorld(t);
  const { steps } = await register({
    grant: 'password',
    client: { ...CLIENT, ...USER, password: 'fake-wrong' },
  });
  assert.match(steps.at(-1).detail, /refused the login \(invalid_grant\)/);
  const { generation } = await world.do({ action: 'update', credential: 'acme', client: USER });
  assert.equal(generation, 1);
});
