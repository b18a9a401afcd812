import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import type { ProviderOutcome } from '../../support/fakes/scripted-token-endpoint.ts';
import { AdminWorld } from './admin-world.ts';

const TOKEN_URL = 'https://bsn.example/Token/';
const LOGIN = { username: 'fake-user@bsn.example', password: 'fake-sentinel-password' };
const REFUSED: Outcome = { kind: 'refused-grant', reason: 'invalid_grant' };

function pair(number: number, networks?: readonly string[]): ProviderOutcome {
  return {
    kind: 'success',
    response: {
      accessToken: new Secret(`fake-sentinel-access-${number}`),
      refreshToken: new Secret(`fake-sentinel-refresh-${number}`),
      tokenType: 'bearer',
      scope: 'Full Self',
      expiresInSeconds: 600,
      networks,
    },
  };
}

const posts = (admin: AdminWorld) =>
  admin.world.endpoint.received.map(({ request }) => ({
    grant: request.grant,
    refreshToken: request.refreshToken?.reveal(),
    password: request.client.password?.reveal(),
    network: request.client.network,
  }));

const networks = { action: 'networks', provider: 'bsn', token_url: TOKEN_URL, client: LOGIN };
const register = (more: object = {}) => ({
  action: 'register',
  credential: 'sign',
  provider: 'bsn',
  token_url: TOKEN_URL,
  client: { ...LOGIN, network: 'exampleNetwork' },
  ...more,
});
const withoutPassword = register({ grant: 'refresh_token' });

describe('networks', () => {
  it('logs in once, says the networks and stores nothing', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play(pair(1, ['exampleNetwork', 'otherNetwork']));
    assert.deepEqual(await admin.do(networks), { networks: ['exampleNetwork', 'otherNetwork'] });
    assert.deepEqual(posts(admin), [
      { grant: 'password', refreshToken: undefined, password: LOGIN.password, network: undefined },
    ]);
    assert.deepEqual(await admin.do({ action: 'list' }), { credentials: [] });
    assert.doesNotMatch(admin.said.join(), /sentinel/);
  });

  it('is a login in the figures, with its latency, and no refresh', async () => {
    const admin = new AdminWorld();
    const { endpoint, telemetry, clock } = admin.world;
    endpoint.play(async () => {
      await clock.sleep(700);
      return pair(1, ['exampleNetwork']);
    });
    await admin.do(networks);
    endpoint.play({ kind: 'refused-grant', reason: 'invalid_grant' });
    await admin.refused(networks, 'login-refused');
    endpoint.play({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    await admin.refused(networks, 'login-refused');
    assert.deepEqual([telemetry.total('LoginsSucceeded'), telemetry.total('LoginsFailed')], [1, 2]);
    assert.deepEqual(
      [telemetry.total('RefreshesSucceeded'), telemetry.total('RefreshesRefusedGrant')],
      [0, 0],
    );
    assert.deepEqual(telemetry.values('ProviderLatency'), [700, 0]);
  });

  it('is empty for a user of no network', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play(pair(1));
    assert.deepEqual(await admin.do(networks), { networks: [] });
  });

  it('says what to check when the login is refused', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play(REFUSED);
    const { message, remedy } = await admin.refused(networks, 'login-refused');
    assert.match(`${message} ${remedy}`, /invalid_grant.*user name, password/);
  });

  it('is not for providers that name none, nor without a login or a URL', async () => {
    const admin = new AdminWorld();
    const { field } = await admin.refused({ ...networks, provider: 'oauth2' }, 'invalid-request');
    assert.equal(field, 'provider');
    const noLogin = await admin.refused({ ...networks, client: {} }, 'invalid-request');
    assert.equal(noLogin.field, 'client.username');
    const noUrl = await admin.refused({ ...networks, token_url: undefined }, 'invalid-request');
    assert.equal(noUrl.field, 'token_url');
    assert.deepEqual(posts(admin), []);
  });
});

describe('registering a BSN user', () => {
  it('keeps the login, and logs in with it', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play(pair(1));
    const { state, generation, grant, steps } = await admin.do(register());
    assert.deepEqual([state, generation, grant], ['active', 1, 'password']);
    assert.equal(
      steps.every((step: { ok: boolean }) => step.ok),
      true,
    );
    assert.deepEqual(posts(admin), [
      { grant: 'password', refreshToken: undefined, password: LOGIN.password, network: 'exampleNetwork' },
    ]);
    assert.deepEqual(await admin.client('sign'), { ...LOGIN, network: 'exampleNetwork' });
  });

  it('with grant refresh_token logs in once, and keeps no password', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play(pair(1), pair(2));
    const { generation, steps } = await admin.do(withoutPassword);
    assert.equal(generation, 1);
    assert.deepEqual(
      steps.slice(0, 2).map(({ step }: { step: string }) => step),
      ['logged in', 'refresh token kept'],
    );
    assert.deepEqual(
      posts(admin).map(({ grant, refreshToken }) => [grant, refreshToken]),
      [
        ['password', undefined],
        ['refresh_token', 'fake-sentinel-refresh-1'],
      ],
    );
    assert.deepEqual(await admin.client('sign'), { username: LOGIN.username, network: 'exampleNetwork' });
    assert.doesNotMatch(admin.said.join(), /sentinel/);
  });

  it('registers nothing when that login is refused', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play(REFUSED);
    await admin.refused(withoutPassword, 'login-refused');
    assert.deepEqual(await admin.do({ action: 'list' }), { credentials: [] });
    assert.equal(await admin.client('sign'), undefined);
  });

  it('registers nothing when the login brought no refresh token to live on', async () => {
    const admin = new AdminWorld();
    const { response } = pair(1) as Extract<Outcome, { kind: 'success' }>;
    admin.world.endpoint.play({ kind: 'success', response: { ...response, refreshToken: undefined } });
    const { remedy } = await admin.refused(withoutPassword, 'login-refused');
    assert.match(remedy ?? '', /grant password/);
  });
});

describe('a BSN user whose password is not kept', () => {
  async function lapsed(): Promise<AdminWorld> {
    const admin = new AdminWorld();
    admin.world.endpoint.play(pair(1), pair(2));
    await admin.do(withoutPassword);
    await admin.world.clock.advance(301_000);
    admin.world.endpoint.play(REFUSED, REFUSED);
    await admin.world.ticks(4);
    return admin;
  }

  it('lapses when its refresh token is refused, and is still served while its access token lives', async () => {
    const admin = await lapsed();
    const { state, lapse } = await admin.record('sign');
    assert.deepEqual([state, lapse?.reason], ['lapsed', 'grant-refused']);
    assert.equal((await admin.world.accessToken('sign'))?.reveal(), 'fake-sentinel-access-2');
    assert.equal(posts(admin).filter(({ grant }) => grant === 'password').length, 1);
  });

  it('is asked for the password again, and nothing else is lost', async () => {
    const admin = await lapsed();
    const before = await admin.record('sign');
    admin.world.endpoint.play(pair(3), pair(4));
    const { state, generation, steps } = await admin.do({
      action: 'reseed',
      credential: 'sign',
      client: { password: 'fake-sentinel-password-2' },
    });
    assert.deepEqual([state, generation], ['active', before.generation + 1]);
    assert.equal(
      steps.every((step: { ok: boolean }) => step.ok),
      true,
    );
    assert.deepEqual(posts(admin).at(-2), {
      grant: 'password',
      refreshToken: undefined,
      password: 'fake-sentinel-password-2',
      network: 'exampleNetwork',
    });
    assert.deepEqual(await admin.client('sign'), { username: LOGIN.username, network: 'exampleNetwork' });
    const { tokenUrl, publication, publish, mode } = await admin.record('sign');
    const { lanes } = publication;
    assert.deepEqual(
      { tokenUrl, lanes, publish, mode },
      {
        tokenUrl: before.tokenUrl,
        lanes: before.publication.lanes,
        publish: before.publish,
        mode: before.mode,
      },
    );
  });

  it('stays lapsed when the password is wrong', async () => {
    const admin = await lapsed();
    const { chain } = await admin.record('sign');
    admin.world.endpoint.play(REFUSED);
    const client = { username: 'fake-stranger', password: 'fake-sentinel-wrong' };
    const wrong = { action: 'reseed', credential: 'sign', client };
    await admin.refused(wrong, 'login-refused');
    const record = await admin.record('sign');
    assert.deepEqual([record.state, record.chain], ['lapsed', chain]);
    assert.equal((await admin.client('sign'))?.username, LOGIN.username);
  });
});

describe('a login', () => {
  it('waits for a permit of the quota, and gives up when none comes soon', async () => {
    const admin = new AdminWorld();
    const quota = { key: 'bsn', limit: 1, window_seconds: 60 };
    admin.world.endpoint.play(pair(1));
    await admin.do(register({ quota, force: true }));
    const again = register({ credential: 'other', grant: 'refresh_token', quota, force: true });
    const { remedy } = await admin.refused(again, 'login-refused');
    assert.match(remedy ?? '', /no more requests/);
    admin.world.endpoint.play(pair(2), pair(3));
    await admin.world.clock.advance(50_000);
    await admin.do(again);
    assert.equal(posts(admin).filter(({ grant }) => grant === 'password').length, 2);
  });
});

describe('the login of a BSN user that somebody deleted', () => {
  it('is stored anew when it is given whole: such a provider knows no client id', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.playAlways(() => pair(1));
    await admin.do(register());
    await admin.world.secrets.remove(admin.world.names.client('sign'), 7);
    admin.container = admin.world.newContainer();
    const update = (client: object) => ({ action: 'update', credential: 'sign', client });
    const refusal = await admin.refused(update({ password: LOGIN.password }), 'invalid-request');
    assert.match(refusal.message, /expected all of it: username, password\.$/);
    await admin.do(update(LOGIN));
    assert.deepEqual(await admin.client('sign'), LOGIN);
  });
});
