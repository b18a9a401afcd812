// BS2 in all its forms, against the sandbox over HTTP, for a day of virtual time.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { createBs2Provider, TOKEN_PATH } from '../../local/sandboxes/bs2/bs2-provider.ts';
import type { EnvironmentName } from '../../shared/config/names.ts';
import { ProviderWorld } from './provider-world.ts';

const DAY_MINUTES = 24 * 60;
const USER = { username: 'fake-user', password: 'fake-password' };

async function bs2World(t: TestContext, env: EnvironmentName = 'prd') {
  const world = new ProviderWorld(t);
  const provider = createBs2Provider({ clock: world.world.clock, env, scale: 1 });
  const url = await world.serve(provider.listener);
  const postJson = async (path: string, body: object) => {
    const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
    return (await response.json()) as { refresh_token?: string };
  };
  const open = async (token: string) =>
    (await fetch(`${url}/resource`, { headers: { authorization: `Bearer ${token}` } })).status;
  const clientOf = (name: string) => ({
    client_id: `fake-${name}`,
    client_secret: `fake-secret of ${name}:%`,
  });

  /** Gets the provider's part done as a person does, and registers. */
  const register = async (credential: string, settings: { grant?: string; client_auth?: string }) => {
    const client = clientOf(credential);
    const scope = 'fake.read fake.write';
    const { grant = 'refresh_token' } = settings;
    const user = grant === 'password' ? USER : {};
    const path = grant === 'refresh_token' ? '/_sandbox/refresh-tokens' : '/_sandbox/logins';
    const { refresh_token } = await postJson(path, { ...client, ...user, scope });
    const request = { action: 'register', credential, provider: 'bs2', token_url: url + TOKEN_PATH, scope };
    return world.do({ ...request, ...settings, client: { ...client, ...user }, refresh_token });
  };
  return { world, provider, open, register };
}

const FORMS = [
  { name: 'collection', settings: {} },
  { name: 'collection-basic', settings: { client_auth: 'basic' } },
  { name: 'login', settings: { grant: 'password' } },
  { name: 'login-basic', settings: { grant: 'password', client_auth: 'basic' } },
  { name: 'client', settings: { grant: 'client_credentials' } },
  { name: 'client-basic', settings: { grant: 'client_credentials', client_auth: 'basic' } },
];

test('a day of every form at once: every token lives, and the quota of ten a minute is kept', async (t) => {
  const { world, provider, open, register } = await bs2World(t);
  for (const { name, settings } of FORMS)
    assert.equal((await register(name, settings)).state, 'active', name);
  await world.live(DAY_MINUTES, async (minute) => {
    for (const { name } of FORMS) {
      const token = await world.tokenOf(name);
      if (minute % 20 === 0) assert.equal(await open(token), 200, `${name} in minute ${minute}`);
    }
  });
  const { issued, throttled, reused_refresh_tokens, busiest_window, resource_401 } = provider.stats();
  assert.deepEqual(
    { throttled, reused_refresh_tokens, resource_401 },
    {
      throttled: 0,
      reused_refresh_tokens: 0,
      resource_401: 0,
    },
  );
  assert.ok(busiest_window <= 10, `busiest_window ${busiest_window}`);
  // A token of 5 minutes is renewed at the first tick after half of it: every third minute.
  assert.ok(issued >= (FORMS.length * DAY_MINUTES) / 3, `issued ${issued}`);
  t.diagnostic(`${issued} pairs in a day of ${FORMS.length} credentials`);
});

test('a day in HML, where tokens live for seven minutes', async (t) => {
  const { world, provider, open, register } = await bs2World(t, 'hml');
  await register('collection', {});
  await world.live(DAY_MINUTES, async () => void (await world.tokenOf('collection')));
  assert.equal(await open(await world.tokenOf('collection')), 200);
  assert.equal(provider.stats().issued, 1 + Math.floor((DAY_MINUTES - 1) / 4));
});

describe('where the client secret goes', () => {
  for (const client_auth of ['post', 'basic']) {
    test(`a wrong one by ${client_auth} costs no token while the old one is taken, until it is put right`, async (t) => {
      const { world, provider, register } = await bs2World(t);
      await register('acme', { client_auth });
      await world.do({ action: 'update', credential: 'acme', client: { client_secret: 'fake-wrong' } });
      await world.live(5);
      const { failure, state, generation } = await world.record('acme');
      assert.deepEqual([state, failure], ['active', undefined]);
      assert.ok(generation > 1, `generation ${generation}`);
      const client = { client_secret: 'fake-secret of acme:%' };
      await world.do({ action: 'update', credential: 'acme', client });
      await world.live(5);
      assert.ok((await world.record('acme')).generation > generation);
      assert.equal(provider.stats().reused_refresh_tokens, 0);
    });
  }
});

test('a password login whose refresh token has come to its end logs in again by itself', async (t) => {
  const { world, open, register } = await bs2World(t);
  await register('login', { grant: 'password' });
  await world.do({ action: 'pause', credential: 'login' });
  await world.world.clock.advance(49 * 60 * 60_000);
  await world.do({ action: 'resume', credential: 'login' });
  await world.live(2);
  assert.equal(await open(await world.tokenOf('login')), 200);
});
