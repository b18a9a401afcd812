// What the settings of a credential make of its token requests, as it goes over the wire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import { isOwnHeader } from '../../../shared/token-endpoint/request/request-headers.ts';
import { requestText } from '../../../shared/token-endpoint/request/request-text.ts';
import {
  buildTokenRequest,
  outcomeOfUnbuildable,
} from '../../../shared/token-endpoint/request/token-request.ts';
import type { ClientSecret, TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import { assertNothingLeaks, NOW_MS, SECRETS, tokenRequest } from './fixtures.ts';

const client = (more: Partial<ClientSecret>): ClientSecret => ({
  clientId: 'fake-client',
  clientSecret: new Secret(SECRETS.clientSecret),
  ...more,
});

async function wire(changes: Partial<TokenRequest>) {
  const built = await buildTokenRequest(tokenRequest(changes), NOW_MS);
  assertNothingLeaks(built);
  const [head = '', body = ''] = requestText(built).reveal().split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((each) => each.split(/: (.*)/s).slice(0, 2)));
  return { line, headers, body, parameters: [...new URLSearchParams(body)] };
}

test('a request has the headers that it needs and no other, and the type of a form without a parameter', async () => {
  const { line, headers, body } = await wire({});
  assert.equal(line, 'POST /auth/oauth/v2/token HTTP/1.1');
  assert.deepEqual(headers, {
    host: 'provider.example',
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(body.length),
    'user-agent': 'renova',
    connection: 'close',
  });
});

test('a user agent and further headers are sent, secret ones too', async () => {
  const { headers } = await wire({
    userAgent: 'BANK-CODE-1',
    headers: { 'Enable-JWT': '1', accept: '*/*' },
    client: client({ headers: { 'X-Api-Key': new Secret('sentinel-api-key') } }),
  });
  assert.equal(headers['user-agent'], 'BANK-CODE-1');
  assert.equal(headers['enable-jwt'], '1');
  assert.equal(headers.accept, '*/*');
  assert.equal(headers['x-api-key'], 'sentinel-api-key');
});

test('an authorization of its own is sent where the client authentication has none', async () => {
  const headers = { authorization: new Secret('ApiKey sentinel') };
  const sent = await wire({ clientAuth: 'none', client: client({ headers }) });
  assert.equal(sent.headers.authorization, 'ApiKey sentinel');
});

const REFUSED_HEADERS: Record<string, Partial<TokenRequest>> = {
  'a line break in a value': { headers: { 'x-a': 'a\r\nx-b: c' } },
  'a line break in a name': { headers: { 'x-a\r\nx-b': 'c' } },
  'a line break in a secret value': { client: client({ headers: { 'x-a': new Secret('sentinel\nx') } }) },
  'a line break in the user agent': { userAgent: 'a\r\nhost: b' },
  'a letter that no header carries': { headers: { 'x-a': '\u0100' } },
  'an empty name': { headers: { '': 'a' } },
  'a header of HTTP': { headers: { 'Content-Length': '0' } },
  'the user agent': { headers: { 'User-Agent': 'a' } },
  'the type': { client: client({ headers: { 'content-type': new Secret('sentinel') } }) },
  'an authorization beside Basic': { clientAuth: 'basic', headers: { Authorization: 'a' } },
  'one header both open and secret': {
    headers: { 'x-a': '1' },
    client: client({ headers: { 'X-A': new Secret('sentinel') } }),
  },
};

for (const [what, changes] of Object.entries(REFUSED_HEADERS)) {
  test(`${what} is refused before anything is sent`, async () => {
    const error: unknown = await buildTokenRequest(tokenRequest(changes), NOW_MS).then(
      () => assert.fail('it was built'),
      (error: unknown) => error,
    );
    assertNothingLeaks(error);
    assert.deepEqual(outcomeOfUnbuildable(error), { kind: 'refused-client', reason: 'invalid-header' });
  });
}

test('what HTTP or Renova owns is no header for a setting', () => {
  for (const name of [
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'User-Agent',
    'content-type',
  ]) {
    assert.equal(isOwnHeader(name), true);
  }
  for (const name of ['x-api-key', 'accept', 'enable-jwt', 'authorization'])
    assert.equal(isOwnHeader(name), false);
});

test('parameters go as JSON, a repeated one as a list', async () => {
  const { headers, body } = await wire({ body: 'json', extra: { audience: ['a', 'b'], tenant: 'x' } });
  assert.equal(headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(body), {
    audience: ['a', 'b'],
    tenant: 'x',
    refresh_token: SECRETS.refreshToken,
    client_id: 'fake-client',
    client_secret: SECRETS.clientSecret,
    grant_type: 'refresh_token',
  });
});

for (const method of ['POST', 'GET'] as const) {
  for (const [tokenUrl, path] of [
    ['https://provider.example/token', '/token?'],
    ['https://provider.example/token?tenant=a', '/token?tenant=a&'],
  ] as const) {
    test(`parameters go into the query by ${method}, behind ${path}`, async () => {
      const { line, headers, body } = await wire({ tokenUrl, body: 'query', method });
      const [verb, target = ''] = line.split(' ');
      assert.equal(verb, method);
      assert.ok(target.startsWith(path));
      const query = new URLSearchParams(target.slice(path.length));
      assert.equal(query.get('refresh_token'), SECRETS.refreshToken);
      assert.equal(query.get('grant_type'), 'refresh_token');
      assert.equal(body, '');
      assert.equal(headers['content-type'], undefined);
      assert.equal(headers['content-length'], method === 'GET' ? undefined : '0');
    });
  }
}

test('a body is always posted', async () => {
  assert.match((await wire({ method: 'GET' })).line, /^POST /);
});

test('a list is sent as the same parameter once for each value', async () => {
  const { parameters } = await wire({
    extra: { resource: ['a', 'b'], redirect_uri: 'https://app.example/cb' },
  });
  assert.deepEqual(
    parameters.filter(([name]) => ['resource', 'redirect_uri'].includes(name)),
    [
      ['resource', 'a'],
      ['resource', 'b'],
      ['redirect_uri', 'https://app.example/cb'],
    ],
  );
});

test('a login has the grant type of the provider, a refresh never', async () => {
  const login = { grant: 'client_credentials', grantType: 'account_credentials' } as const;
  const grantTypeOf = async (changes: Partial<TokenRequest>) =>
    (await wire(changes)).parameters.filter(([name]) => name === 'grant_type').map(([, value]) => value);
  assert.deepEqual(await grantTypeOf(login), ['account_credentials']);
  assert.deepEqual(await grantTypeOf({ grantType: 'account_credentials' }), ['refresh_token']);
});

test('by Basic, the client secret may be empty, and the client id be in the body too', async () => {
  const { headers, parameters } = await wire({
    clientAuth: 'basic',
    client: client({ clientSecret: new Secret('') }),
    extra: { client_id: 'fake-client' },
  });
  assert.equal(headers.authorization, `Basic ${btoa('fake-client:')}`);
  assert.deepEqual(
    parameters.filter(([name]) => name === 'client_id'),
    [['client_id', 'fake-client']],
  );
});

test('scope is sent only when the caller gives it', async () => {
  const scopeOf = async (changes: Partial<TokenRequest>) =>
    (await wire(changes)).parameters.find(([name]) => name === 'scope')?.[1];
  assert.equal(await scopeOf({ scope: 'api offline_access' }), 'api offline_access');
  assert.equal(await scopeOf({}), undefined);
});
