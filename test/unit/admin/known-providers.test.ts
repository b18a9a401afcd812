// A registration by the name of a provider: what its profile knows, and what it says that it does not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRequest, RegisterRequest } from '../../../shared/admin/request.ts';
import { settingsOf } from '../../../shared/admin/settings.ts';
import { unknownFacts } from '../../../shared/admin/unknown-facts.ts';
import { timing } from '../../../shared/config/timing.ts';
import { plainUrl } from '../../../shared/provider/profile.ts';
import { profiles } from '../../../shared/provider/profiles.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { AdminWorld, CLIENT } from './admin-world.ts';

const request = (provider: string, more: object = {}) =>
  parseRequest(RegisterRequest, {
    action: 'register',
    credential: 'acme',
    provider,
    client: CLIENT,
    refresh_token: 'fake-refresh-token-1',
    ...more,
  });
const settings = (provider: string, more: object = {}) =>
  settingsOf({ clock: new ManualClock(), env: 'prd', timing: timing(1) }, request(provider, more));
const LOCAL = { loopbackOnly: true, sandboxUrl: 'http://127.0.0.1:4702' };
const BY_ITSELF = { refresh_token: undefined };

describe('a credential of a known provider', () => {
  it('needs its client and its token alone, as far as its pages say everything', () => {
    const xero = settings('xero');
    assert.equal(xero.tokenUrl, 'https://identity.xero.com/connect/token');
    assert.deepEqual(
      [xero.grant, xero.clientAuth, xero.defaultAccessTokenMs, xero.refreshTokenMs, xero.quota],
      ['refresh_token', 'basic', 1_800_000, 5_184_000_000, undefined],
    );
  });

  it('can be registered by name alone at the sandbox, whoever it is', () => {
    for (const profile of profiles.values()) {
      const { provider, grants, tokenUrl, login, extraRequired, clientAuth, networkUrl } = profile;
      const known = settingsOf(
        { clock: new ManualClock(), env: 'hml', timing: timing(1), reach: LOCAL },
        request(provider, {
          scope: 'fake-scope',
          ...(grants[0] !== 'refresh_token' && BY_ITSELF),
          ...(grants[0] === 'password' && { client: { username: 'fake-user', password: 'fake-password' } }),
          ...(networkUrl && { client: { ...CLIENT, network: 'Lobby' } }),
          ...(tokenUrl === undefined && { token_url: 'http://127.0.0.1:4702/oauth/token' }),
          // The sandbox proves no assertions and sees no certificates.
          ...(clientAuth === 'private_key_jwt' && { client_auth: 'post' }),
          ...(extraRequired && {
            extra: Object.fromEntries(Object.keys(extraRequired).map((name) => [name, 'fake'])),
          }),
        }),
      );
      assert.equal(new URL(known.tokenUrl).origin, LOCAL.sandboxUrl, provider);
      if (login?.authorizeUrl) assert.ok(new URL(plainUrl(login.authorizeUrl.prd)), provider);
    }
  });

  it('has the headers, parameters and fields of its profile, beside those that are given', () => {
    assert.deepEqual(settings('bling').headers, { 'enable-jwt': '1' });
    assert.deepEqual(settings('bling', { headers: { 'x-a': 'b' } }).headers, {
      'enable-jwt': '1',
      'x-a': 'b',
    });
    assert.deepEqual(settings('bling', { headers: { 'Enable-JWT': '0' } }).headers, { 'Enable-JWT': '0' });
    const zendesk = { token_url: 'https://acme.zendesk.com/oauth/tokens', extra: { a: 'b' } };
    assert.deepEqual(settings('zendesk', zendesk).extra, { expires_in: '1800', a: 'b' });
    assert.deepEqual(settings('salesforce').fields, ['instance_url', 'id']);
    assert.equal(settings('gong').body, 'query');
  });

  it('has a quota of its own where the provider counts each of them', () => {
    const zoho = settings('zoho', { token_url: 'https://accounts.zoho.eu/oauth/v2/token' });
    assert.deepEqual(zoho.quota, { key: 'zoho/acme', limit: 10, windowMs: 600_000 });
    assert.deepEqual(settings('bling').quota, { key: 'bling', limit: 19, windowMs: 60_000 });
  });

  it('sends the provider’s own name for a login, and the id that it needs', () => {
    const server = settings('zoom-server', { ...BY_ITSELF, extra: { account_id: 'fake-account' } });
    assert.deepEqual([server.grantType, server.grant], ['account_credentials', 'client_credentials']);
  });
});

describe('what a known provider lacks is refused in one sentence', () => {
  const refused = (provider: string, more: object, field: string, message: RegExp) =>
    assert.throws(() => settings(provider, more), { code: 'invalid-request', field, message });

  it('a part of the URL that the operator fills in', () => {
    refused(
      'entra',
      { scope: 's' },
      'token_url',
      /^token_url: is missing; for entra it is https:\S+\{tenant\}\S* with your own tenant\.$/,
    );
    refused('zoho', {}, 'token_url', /\{region\}/);
  });

  it('a network, and one that cannot be chosen', () => {
    refused(
      'bsncloud',
      BY_ITSELF,
      'network',
      /^network: is missing; each token of bsncloud chooses the network that it works in\.$/,
    );
    const url = { network_url: 'https://api.example/network' };
    refused('xero', url, 'network_url', /is for the grant client_credentials alone/);
  });

  it('a parameter, a scope, a certificate', () => {
    refused('zoom-server', BY_ITSELF, 'extra', /^extra: account_id is missing; it is the id of the account/);
    refused('inter', BY_ITSELF, 'scope', /scope: is missing/);
    refused(
      'itau',
      BY_ITSELF,
      'client.certificate',
      /^client.certificate: is missing; itau takes requests over mutual TLS alone\.$/,
    );
  });

  it('a grant that the provider has not', () => {
    refused('hubspot', { grant: 'password' }, 'grant', /expected refresh_token for hubspot/);
  });
});

describe('what is not known of a provider', () => {
  it('is told at registration, with the settings that take it', async () => {
    const admin = new AdminWorld();
    const { warnings } = await admin.register('acme', { provider: 'hubspot', user_agent: undefined });
    assert.equal(
      warnings.at(-1),
      'Not known of HubSpot: how long a refresh token lives (refresh_token_seconds); how many token requests it takes (quota). Give what you find out with update.',
    );
  });

  it('is not told of what the operator gave, nor of refresh tokens where there are none', () => {
    const quota = { key: 'hubspot', limit: 10, window_seconds: 60 };
    assert.equal(unknownFacts(request('hubspot', { quota, refresh_token_seconds: 600 })), undefined);
    const byItself = unknownFacts(request('salesforce', { ...BY_ITSELF, grant: 'client_credentials' }));
    assert.doesNotMatch(byItself ?? '', /refresh token/);
    assert.match(byItself ?? '', /access_token_seconds/);
  });

  it('is not told of a provider whose pages say everything, nor of a server that the operator describes', () => {
    assert.equal(unknownFacts(request('bs2', { scope: 's', user_agent: 'fake-code' })), undefined);
    assert.equal(unknownFacts(request('oauth2', { token_url: 'https://erp.example/token' })), undefined);
  });
});
