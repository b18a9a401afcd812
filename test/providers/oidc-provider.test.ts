// Any OAuth 2 server, proven against one that nobody here wrote: oidc-provider, certified, with reuse detection.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { CLIENT, PUBLIC_CLIENT, startCertifiedServer } from './certified-server.ts';
import { ProviderWorld } from './provider-world.ts';

const DAY_MINUTES = 24 * 60;

async function serverWorld(t: TestContext, options?: Parameters<typeof startCertifiedServer>[2]) {
  const world = new ProviderWorld(t);
  const server = await startCertifiedServer(t, world, options);
  const register = (more: object = {}) =>
    world.do({
      action: 'register',
      credential: 'acme',
      provider: 'oauth2',
      token_url: server.tokenUrl,
      client: CLIENT,
      ...more,
    });
  const post = (refreshToken: string) => {
    const basic = `${encodeURIComponent(CLIENT.client_id)}:${encodeURIComponent(CLIENT.client_secret)}`;
    return fetch(server.tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    });
  };
  return { world, server, register, post };
}

test('a day: rotation at every half-life, and the grant is never revoked', async (t) => {
  const { world, server, register } = await serverWorld(t);
  await register({ refresh_token: await server.grant(), refresh_token_seconds: 86_400 });
  await world.live(DAY_MINUTES, async (minute) => {
    const token = await world.tokenOf('acme');
    if (minute % 20 === 0) assert.equal(await server.accepts(token), true, `minute ${minute}`);
  });
  const { generation, failure } = await world.record('acme');
  assert.equal(failure, undefined);
  assert.equal(world.posts, generation, 'one post for each generation');
  assert.ok(generation > DAY_MINUTES / 7, `generation ${generation}`);
  t.diagnostic(`${generation} pairs in a day`);
});

describe('two refreshers at once', () => {
  test('the server revokes the grant of whoever posts one token twice', async (t) => {
    const { server, post } = await serverWorld(t);
    const refreshToken = await server.grant();
    const answers = await Promise.all([post(refreshToken), post(refreshToken)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
    const pair = (await answers.find(({ ok }) => ok)?.json()) as {
      access_token: string;
      refresh_token: string;
    };
    assert.equal((await post(pair.refresh_token)).status, 400, 'the pair of the winner is dead too');
  });

  test('two containers never get a grant revoked, wanted by the schedule, a reader and by force', async (t) => {
    const { world, server, register } = await serverWorld(t);
    await register({ refresh_token: await server.grant() });
    const containers = [world.newContainer(), world.newContainer()];
    let wonByBoth = 0;
    for (let round = 0; round < 40; round += 1) {
      const { generation } = await world.record('acme');
      const trigger = round % 2 === 0 ? { force: true } : { ifGeneration: generation };
      const results = await world.world.drive(
        Promise.all(containers.map((container) => world.refreshIn(container, 'acme', trigger))),
      );
      wonByBoth += results.filter(({ result }) => result === 'refreshed').length;
      assert.equal((await world.record('acme')).state, 'active', `round ${round}`);
      assert.ok((await world.record('acme')).generation > generation, `round ${round}: nobody refreshed`);
      assert.equal(await server.accepts(await world.tokenOf('acme')), true, `round ${round}`);
      await world.world.clock.advance(1000);
    }
    assert.ok(wonByBoth >= 40);
    assert.equal(world.posts, (await world.record('acme')).generation, 'one post for each generation');
  });
});

describe('how the client proves who it is', () => {
  const CLIENTS = [
    { client_auth: 'basic', client: CLIENT },
    { client_auth: 'post', client: { ...CLIENT, client_id: 'fake-post-client' } },
    { client_auth: 'none', client: PUBLIC_CLIENT },
  ];
  for (const { client_auth, client } of CLIENTS) {
    test(`${client_auth}: refreshed, and refreshed again`, async (t) => {
      const { world, server, register } = await serverWorld(t);
      const refresh_token = await server.grant(client.client_id);
      await register({ client_auth, client, refresh_token });
      await world.live(12);
      assert.ok((await world.record('acme')).generation >= 2);
      assert.equal(await server.accepts(await world.tokenOf('acme')), true);
    });
  }
});

test('client credentials, with a scope and an extra parameter', async (t) => {
  const { world, server, register } = await serverWorld(t);
  await register({ grant: 'client_credentials', extra: { resource_hint: 'fake' } });
  await world.live(
    60,
    async () => void assert.equal(await server.accepts(await world.tokenOf('acme')), true),
  );
  const { pair, generation } = await world.record('acme');
  assert.equal(pair?.sealedRefresh, undefined);
  assert.ok(generation >= 9);
});

test('a refresh token that does not rotate is used again and again', async (t) => {
  const { world, server, register } = await serverWorld(t, { rotates: false });
  await register({ refresh_token: await server.grant(), refresh_token_seconds: 86_400 });
  const { pair: first } = await world.record('acme');
  await world.live(60);
  const { pair, generation } = await world.record('acme');
  assert.ok(generation >= 9);
  assert.equal(await server.accepts(await world.tokenOf('acme')), true);
  assert.equal(pair?.refreshTokenExpiresAtMs, first?.refreshTokenExpiresAtMs, 'it keeps its end');
});

test('an absolute life: warned in time before the first token would have ended, whatever replaced it', async (t) => {
  const { world, server, register } = await serverWorld(t, { endsWithFirst: true });
  const startMs = world.world.clock.nowMs();
  const refresh_token = await server.grant();
  await register({ refresh_token, refresh_token_seconds: 86_400, refresh_token_lifetime: 'absolute' });
  await world.live(DAY_MINUTES - 1, async () => void (await world.tokenOf('acme')));
  await world.live(15);
  const told = world.world.events.accepted.filter(({ type }) => type === 'Refresh Token Lapsing');
  assert.deepEqual(
    told.map(({ detail }) => detail.hours_left),
    [12, 6, 1],
  );
  const { state, lapse } = await world.record('acme');
  assert.equal(state, 'lapsed');
  assert.ok(lapse && Math.abs(lapse.atMs - startMs - DAY_MINUTES * 60_000) < 10 * 60_000);
});

test('a grant that is revoked at the server lapses at the next refresh, and a new one goes on', async (t) => {
  const { world, server, register, post } = await serverWorld(t);
  const first = await server.grant();
  await register({ refresh_token: first });
  assert.equal((await post(first)).status, 400, 'a thief comes too late, and the grant is revoked');
  await world.live(10);
  assert.equal((await world.record('acme')).lapse?.reason, 'grant-refused');
  await world.do({ action: 'reseed', credential: 'acme', refresh_token: await server.grant() });
  assert.equal(await server.accepts(await world.tokenOf('acme')), true);
});
