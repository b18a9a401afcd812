// BrightSign Network: each step of its "Authorization Workflow", taken by Renova against the sandbox over HTTP.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { createBsnProvider } from '../../local/sandboxes/bsn/bsn-provider.ts';
import { ProviderWorld } from './provider-world.ts';

const DAY_MINUTES = 24 * 60;
const USER = { username: 'exampleUser@brightsign.example', password: 'fake-password-1' };
const NETWORKS = ['exampleNetwork', 'otherNetwork'];

async function bsnWorld(t: TestContext) {
  const world = new ProviderWorld(t);
  let drawn = 0;
  const random = { id: () => `fake-guid-${++drawn}`, fraction: () => ((drawn * 7919) % 1000) / 1000 };
  const provider = createBsnProvider({ clock: world.world.clock, scale: 1, random });
  const url = await world.serve(provider.listener);
  const sandbox = async (path: string, body: object) => {
    const response = await fetch(`${url}/bsn/_sandbox/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200);
  };
  await sandbox('users', { ...USER, networks: NETWORKS });
  const open = async (token: string) =>
    (await fetch(`${url}/bsn/resource`, { headers: { authorization: `Bearer ${token}` } })).status;
  const register = (more: object = {}) =>
    world.do({
      action: 'register',
      credential: 'sign',
      provider: 'bsn',
      token_url: `${url}/bsn/Token/`,
      client: { ...USER, network: 'exampleNetwork' },
      ...more,
    });
  return { world, provider, url, sandbox, open, register };
}

describe('1. The client makes a POST call to the /Token/ endpoint, with a username and password pair', () => {
  for (const path of ['/bsn/Token/', '/bsn/token']) {
    test(`${path} is used as it is configured`, async (t) => {
      const { url, register, provider } = await bsnWorld(t);
      assert.equal((await register({ token_url: url + path })).generation, 1);
      assert.equal(provider.stats().logins, 1);
    });
  }

  test('1a. the network name is included in the username: the token is for the network', async (t) => {
    const { world, register } = await bsnWorld(t);
    await register();
    assert.equal((await world.record('sign')).pair?.scope, 'Full Self');
  });

  test('1a. a user who enters it with his name needs no other', async (t) => {
    const { world, register } = await bsnWorld(t);
    await register({ client: { ...USER, username: `exampleNetwork/${USER.username}` } });
    assert.equal((await world.record('sign')).pair?.scope, 'Full Self');
  });

  test('credentials that are not valid register a login that waits for the right ones', async (t) => {
    const { world, register } = await bsnWorld(t);
    const { steps } = await register({ client: { ...USER, password: 'fake-wrong' } });
    assert.match(steps.at(-1).detail, /refused the login/);
    const { generation } = await world.do({ action: 'update', credential: 'sign', client: USER });
    assert.equal(generation, 1);
  });
});

describe('2. the server returns a code 200 with access_token, expires_in, and refresh_token', () => {
  test('2a. networkNames: the operator is told the networks, and selects one', async (t) => {
    const { world, url, register } = await bsnWorld(t);
    const asked = { action: 'networks', provider: 'bsn', token_url: `${url}/bsn/token/`, client: USER };
    const { networks } = await world.do(asked);
    assert.deepEqual(networks, NETWORKS);
    await register({ client: { ...USER, network: networks[1] } });
    assert.equal((await world.record('sign')).pair?.scope, 'Full Self');
  });

  test('the bare user gets a token of his own', async (t) => {
    const { world, register } = await bsnWorld(t);
    await register({ client: USER });
    assert.equal((await world.record('sign')).pair?.scope, 'Self');
  });
});

test('3. If less than half of the expires_in time has elapsed, the token is used, a day long; it changes at every answer', async (t) => {
  const { world, provider, open, register } = await bsnWorld(t);
  await register();
  const lives = new Set<number>();
  await world.live(DAY_MINUTES, async (minute) => {
    const token = await world.tokenOf('sign');
    const { pair } = await world.record('sign');
    assert.ok(pair);
    lives.add(pair.expiresAtMs - pair.issuedAtMs);
    // 3a. If more than half of the expires_in time has elapsed, it is refreshed, but for the tick that comes a minute later.
    const halfMs = (pair.expiresAtMs - pair.issuedAtMs) / 2;
    assert.ok(world.world.clock.nowMs() - pair.issuedAtMs <= halfMs + 61_000);
    if (minute % 20 === 0) assert.equal(await open(token), 200, `minute ${minute}`);
  });
  const { issued, logins, reused_refresh_tokens } = provider.stats();
  assert.deepEqual({ logins, reused_refresh_tokens }, { logins: 1, reused_refresh_tokens: 0 });
  assert.ok(lives.size > 20, `${lives.size} different lives`);
  assert.ok(issued > DAY_MINUTES / 16 && issued < DAY_MINUTES / 5, `issued ${issued}`);
  t.diagnostic(`${issued} pairs in a day, ${lives.size} different lives`);
});

test('3a. if the access_token is not located in local storage, the refresh token is posted at once', async (t) => {
  const { world, provider, open, register } = await bsnWorld(t);
  await register();
  // As an answer leaves it that was spoilt but for the refresh token.
  const record = await world.record('sign');
  assert.ok(record.pair);
  const pair = { ...record.pair, sealedAccess: undefined };
  const revision = record.revision + 1;
  await world.world.ledger.save({
    ...record,
    pair,
    refreshAtMs: 0,
    dueAtMs: 0,
    revision,
    writer: 'fake-loss',
  });
  await world.live(1);
  assert.equal(await open(await world.tokenOf('sign')), 200);
  const { logins, issued } = provider.stats();
  assert.deepEqual([logins, issued], [1, 2]);
});

describe('3b. If the refresh_token is not located in local storage', () => {
  test('a day in which it is revoked every hour: Renova logs in again, and no token is ever missing', async (t) => {
    const { world, provider, open, register, sandbox } = await bsnWorld(t);
    await register();
    await world.live(DAY_MINUTES, async (minute) => {
      assert.equal(await open(await world.tokenOf('sign')), 200);
      if (minute % 60 === 0) await sandbox('revoke', { username: USER.username });
    });
    const { logins } = provider.stats();
    assert.ok(logins >= 24 && logins <= 25, `${logins} logins`);
    assert.equal((await world.record('sign')).failure, undefined);
  });

  test('access to the BSN connection has been dropped (without loss of unsaved user data), and the operator is asked to enter access credentials again', async (t) => {
    const { world, provider, open, register, sandbox } = await bsnWorld(t);
    await register({ grant: 'refresh_token' });
    assert.equal((await world.client('sign'))?.password, undefined);
    await world.live(60, async () => void (await world.tokenOf('sign')));
    const before = await world.record('sign');
    await sandbox('revoke', { username: USER.username });
    await world.live(30);
    const { state, lapse, generation } = await world.record('sign');
    assert.deepEqual([state, lapse?.reason], ['lapsed', 'grant-refused']);
    assert.equal(provider.stats().logins, 1, 'nobody but the operator logs in');
    const again = { action: 'reseed', credential: 'sign', client: { password: USER.password } };
    assert.equal((await world.do(again)).generation, generation + 1);
    const after = await world.record('sign');
    for (const kept of ['tokenUrl', 'grant', 'mode', 'publish', 'provider'] as const) {
      assert.equal(after[kept], before[kept], kept);
    }
    assert.equal(after.publication.lanes, before.publication.lanes);
    assert.equal(after.pair?.scope, 'Full Self', 'the network too');
    await world.live(60, async () => void (await world.tokenOf('sign')));
    assert.equal(await open(await world.tokenOf('sign')), 200);
  });

  test('a new password at the provider: misconfigured until the operator gives it, then alive again', async (t) => {
    const { world, open, register, sandbox } = await bsnWorld(t);
    await register();
    await sandbox('users', { ...USER, password: 'fake-password-2', networks: NETWORKS });
    await world.live(30);
    const { state, failure } = await world.record('sign');
    assert.deepEqual([state, failure?.outcome], ['active', 'refused-grant']);
    assert.ok(world.world.events.accepted.some(({ type }) => type === 'Credential Misconfigured'));
    await world.do({ action: 'update', credential: 'sign', client: { password: 'fake-password-2' } });
    assert.equal(await open(await world.tokenOf('sign')), 200);
    assert.ok(!world.said.join().includes('fake-password'));
  });
});
