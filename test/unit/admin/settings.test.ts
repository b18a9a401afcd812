import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdminError } from '../../../shared/admin/admin-error.ts';
import { parseRequest, RegisterRequest } from '../../../shared/admin/request.ts';
import { settingsOf } from '../../../shared/admin/settings.ts';
import { timing } from '../../../shared/config/timing.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';

const LEAST = {
  action: 'register',
  credential: 'acme',
  scope: 'fake-scope',
  user_agent: 'fake-bank-code',
  client: { client_id: 'fake-id', client_secret: 'fake-secret' },
  refresh_token: 'fake-refresh-token-1',
};
const settings = (more: object = {}, env: 'hml' | 'prd' = 'prd', scale = 1) =>
  settingsOf(
    { clock: new ManualClock(), env, timing: timing(scale) },
    parseRequest(RegisterRequest, { ...LEAST, ...more }),
  );

describe('the settings of a new credential', () => {
  it('are completed by what is known of the provider', () => {
    assert.deepEqual(settings(), {
      credential: 'acme',
      provider: 'bs2',
      tokenUrl: 'https://api.bs2.com/auth/oauth/v2/token',
      scope: 'fake-scope',
      grant: 'refresh_token',
      clientAuth: 'post',
      mode: 'fresh',
      publish: 'access',
      quota: { key: 'bs2', limit: 10, windowMs: 60_000 },
      defaultAccessTokenMs: 300_000,
      refreshTokenMs: 172_800_000,
      refreshTokenLifetime: undefined,
      parameter: undefined,
      extra: {},
      userAgent: 'fake-bank-code',
    });
  });

  it('of BSN need a URL and a login, and no client', () => {
    const client = { username: 'user@fake.example', password: 'fake-password', network: 'fakeNetwork' };
    const token_url = 'https://bsn.example/Token/';
    const bsn = settings({ provider: 'bsn', token_url, scope: undefined, client, refresh_token: undefined });
    const { grant, clientAuth, tokenUrl, quota, refreshTokenMs } = bsn;
    assert.deepEqual(
      { grant, clientAuth, tokenUrl, quota, refreshTokenMs },
      {
        grant: 'password',
        clientAuth: 'none',
        tokenUrl: 'https://bsn.example/Token/',
        quota: undefined,
        refreshTokenMs: undefined,
      },
    );
  });

  it('of any other server are what the operator says', () => {
    const asked = {
      provider: 'oauth2',
      token_url: 'https://any.example/token',
      scope: undefined,
      quota: { key: 'any', limit: 100_000, window_seconds: 86_400 },
      refresh_token_lifetime: 'absolute',
    };
    const { grant, clientAuth, scope, quota, refreshTokenLifetime } = settings(asked);
    assert.deepEqual(
      { grant, clientAuth, scope, quota, refreshTokenLifetime },
      {
        grant: 'refresh_token',
        clientAuth: 'basic',
        scope: undefined,
        quota: { key: 'any', limit: 100_000, windowMs: 86_400_000 },
        refreshTokenLifetime: 'absolute',
      },
    );
  });

  it('may say a login instead of a refresh token', () => {
    const client = { ...LEAST.client, username: 'fake-user', password: 'fake-password' };
    assert.equal(settings({ client, refresh_token: undefined }).grant, 'refresh_token');
  });

  it('differ by environment', () => {
    const hml = settings({}, 'hml');
    assert.equal(hml.tokenUrl, 'https://apihmz.bancobonsucesso.com.br/auth/oauth/v2/token');
    assert.equal(hml.defaultAccessTokenMs, 420_000);
  });

  it('are what the request says, where it says something', () => {
    const given = settings({
      token_url: 'https://other.example/token?tenant=1',
      client_auth: 'basic',
      mode: 'on-demand',
      publish: 'pair',
      quota: { key: 'shared', limit: 3, window_seconds: 10 },
      access_token_seconds: 100,
      refresh_token_seconds: 1000,
      extra: { audience: 'x' },
    });
    assert.equal(given.tokenUrl, 'https://other.example/token?tenant=1');
    assert.equal(given.clientAuth, 'basic');
    assert.equal(given.publish, 'pair');
    assert.deepEqual(given.quota, { key: 'shared', limit: 3, windowMs: 10_000 });
    assert.equal(given.defaultAccessTokenMs, 100_000);
    assert.equal(given.refreshTokenMs, 1_000_000);
    assert.deepEqual(given.extra, { audience: 'x' });
  });

  it('publish the access token of what is fresh, and nothing of what is on demand', () => {
    assert.equal(settings({ mode: 'fresh' }).publish, 'access');
    assert.equal(settings({ mode: 'on-demand' }).publish, 'none');
    assert.equal(settings({ mode: 'fresh', publish: 'none' }).publish, 'none');
  });

  it('have every duration divided by the scale', () => {
    const scaled = settings({}, 'prd', 60);
    assert.equal(scaled.defaultAccessTokenMs, 5000);
    assert.equal(scaled.refreshTokenMs, 2_880_000);
    assert.equal(scaled.quota?.windowMs, 1000);
  });

  it('have more body parameters up to 16 KiB, names and values together', () => {
    assert.equal(settings({ extra: { aa: 'x'.repeat(16_382) } }).extra.aa?.length, 16_382);
  });

  it('take a password as it was chosen, blanks and all', () => {
    const client = { ...LEAST.client, username: 'fake-user', password: ' fake\tpassword ' };
    assert.equal(settings({ client, refresh_token: undefined }).grant, 'refresh_token');
  });

  it('need no client secret where the client does not authenticate', () => {
    assert.equal(settings({ client_auth: 'none', client: { client_id: 'fake-id' } }).clientAuth, 'none');
  });
});

describe('a request to register that cannot be met', () => {
  const SENTINEL = 'fake-sentinel';
  const client = LEAST.client;
  const quota = { key: 'k', limit: 10, window_seconds: 60 };
  const wrong: readonly [field: string, more: object, expected?: RegExp][] = [
    ['credential', { credential: undefined }],
    ['credential', { credential: 'Fake-Sentinel' }, /expected an id that matches/],
    ['credential', { credential: 5 }],
    ['provider', { provider: SENTINEL }, /expected bs2/],
    ['provider', { provider: 5 }],
    ['scope', { scope: undefined }, /is missing/],
    ['scope', { scope: '' }, /not empty/],
    ['scope', { scope: ['fake-sentinel'] }, /expected a string/],
    ['grant', { grant: SENTINEL }, /refresh_token, password or client_credentials/],
    ['grant', { provider: 'bsn', grant: 'client_credentials' }, /expected password or refresh_token for bsn/],
    ['client_auth', { client_auth: SENTINEL }, /post, basic, none, private_key_jwt or tls/],
    ['mode', { mode: SENTINEL }, /fresh or on-demand/],
    ['publish', { publish: SENTINEL }, /access, pair or none/],
    ['quota', { quota: SENTINEL }, /expected an object/],
    ['quota.key', { quota: { ...quota, key: 'fake sentinel' } }],
    ['quota.key', { quota: { ...quota, key: undefined } }],
    ['quota.limit', { quota: { ...quota, limit: 0 } }, /at least 1/],
    ['quota.limit', { quota: { ...quota, limit: 1_000_001 } }, /at most 1000000/],
    ['quota.limit', { quota: { ...quota, limit: 1.5 } }, /whole number/],
    ['quota.window_seconds', { quota: { ...quota, window_seconds: 0.5 } }, /at least 1 second/],
    ['quota.fake_member', { quota: { ...quota, fake_member: SENTINEL } }, /not known here/],
    ['access_token_seconds', { access_token_seconds: 0 }, /at least 1 second/],
    ['access_token_seconds', { access_token_seconds: Number.POSITIVE_INFINITY }, /at most 10 years/],
    ['refresh_token_seconds', { refresh_token_seconds: SENTINEL }, /a number of seconds/],
    ['extra', { extra: SENTINEL }, /expected an object of strings/],
    ['extra', { extra: [SENTINEL] }, /expected an object of strings/],
    ['client.client_id', { client: { ...client, client_id: 'fake-id\n' } }, /line breaks at its ends/],
    ['client.client_id', { client: { ...client, client_id: 'fake\tid' } }, /control characters/],
    ['client.username', { client: { ...client, username: 'fake-user\r\n' } }, /control characters/],
    ['client.network', { client: { ...client, network: 'fake-network\n' } }, /control characters/],
    ['extra.a', { extra: { a: [SENTINEL, 1] } }, /expected a string, or a list of strings/],
    ['extra', { extra: { client_secret: SENTINEL } }, /takes no secret/],
    ['extra', { extra: { audience: 'x', 'Refresh-Token': SENTINEL } }, /takes no secret/],
    ['extra', { extra: { password: SENTINEL } }, /takes no secret/],
    ['extra', { extra: { grant_type: SENTINEL } }, /cannot replace what makes the token request/],
    ['extra', { extra: { client_id: SENTINEL } }, /cannot replace/],
    ['extra', { extra: { username: SENTINEL } }, /cannot replace/],
    ['extra', { extra: { code: SENTINEL } }, /cannot replace/],
    ['extra', { extra: { ' ': SENTINEL } }, /without a name/],
    ['extra', { extra: { aa: 'x'.repeat(16_383) } }, /at most 16384 bytes/],
    ['extra', { extra: { aa: 'é'.repeat(8192) } }, /at most 16384 bytes/],
    ['scope', { scope: ' \u3000 ' }, /nothing but blanks/],
    ['scope', { scope: 'a\nfake-sentinel' }, /has line breaks or other control characters; remove them/],
    ['scope', { scope: 'fake-sentinel\0' }, /control characters/],
    ['force', { force: SENTINEL }, /true or false/],
    ['client.client_id', { client: undefined }, /is missing/],
    ['client.client_id', { client_auth: 'none', client: {} }, /the id that the provider gave to this client/],
    ['client.username', { grant: 'password' }, /a login needs it/],
    ['client.password', { grant: 'password', client: { ...client, username: SENTINEL } }, /a login needs it/],
    ['client.username', { provider: 'bsn', client: undefined }, /a login needs it/],
    [
      'client.network',
      { provider: 'bsn', client: { username: `a/${SENTINEL}`, password: SENTINEL, network: 'a' } },
      /network in it already/,
    ],
    ['refresh_token_lifetime', { refresh_token_lifetime: SENTINEL }, /sliding or absolute/],
    ['client', { client: SENTINEL }, /expected an object/],
    ['client', { client: null }, /expected an object/],
    ['client.client_id', { client: { client_secret: SENTINEL } }, /is missing/],
    ['client.client_id', { client: { ...client, client_id: '' } }, /not empty/],
    ['client.client_secret', { client: { client_id: 'fake-id' } }, /client_auth post needs it/],
    ['client.client_secret', { client: { ...client, client_secret: { a: SENTINEL } } }, /expected a string/],
    ['client.fake_member', { client: { ...client, fake_member: SENTINEL } }, /not known here/],
    ['refresh_token', { refresh_token: undefined }, /the provider issued with the credentials/],
    ['refresh_token', { refresh_token: '' }, /not empty/],
    [
      'refresh_token',
      { refresh_token: 'fake-sentinel\n' },
      /has blanks or line breaks at its ends; remove them/,
    ],
    ['refresh_token', { refresh_token: ' fake-sentinel' }, /blanks or line breaks at its ends/],
    [
      'refresh_token',
      { refresh_token: 'fake-\rsentinel' },
      /has line breaks or other control characters; remove them/,
    ],
    [
      'client.client_secret',
      { client: { client_id: 'fake-id', client_secret: 'fake-sentinel\r\n' } },
      /has blanks or line breaks at its ends; remove them/,
    ],
    [
      'client.client_secret',
      { client: { client_id: 'fake-id', client_secret: 'fake-\0sentinel' } },
      /has line breaks or other control characters; remove them/,
    ],
    ['refresh_token', { refresh_token: SENTINEL.repeat(2000) }, /at most 16384 characters/],
    ['fake_member', { fake_member: SENTINEL }, /not known here; leave it out/],
    ['token_url', { token_url: 'http://provider.example/token' }, /https/],
    ['token_url', { token_url: `https://u:${SENTINEL}@provider.example/` }, /no user or password/],
    ['token_url', { token_url: SENTINEL }, /absolute URL/],
    ['token_url', { token_url: `https://provider.example/?client_secret=${SENTINEL}` }, /no secret/],
    ['token_url', { token_url: `https://provider.example/?a=1&Client-Secret=${SENTINEL}` }, /no secret/],
  ];
  for (const [index, [field, more, expected]] of wrong.entries()) {
    it(`names ${field} (${index + 1})`, () => {
      assert.throws(
        () => settings(more),
        (error: unknown) => {
          assert.ok(error instanceof AdminError, String(error));
          assert.equal(error.code, field === 'token_url' ? 'invalid-token-url' : 'invalid-request');
          assert.equal(error.field, field);
          assert.ok(error.message.startsWith(`${field}: `), error.message);
          assert.match(error.message, expected ?? /./);
          assert.doesNotMatch(error.message, /sentinel/i);
          assert.equal(error.cause, undefined);
          return true;
        },
      );
    });
  }
});
