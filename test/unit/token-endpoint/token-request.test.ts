import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import {
  buildTokenRequest,
  outcomeOfUnbuildable,
} from '../../../shared/token-endpoint/request/token-request.ts';
import type { ClientAuth, TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { assertNothingLeaks, NOW_MS, SECRETS, tokenRequest } from './fixtures.ts';

async function bodyOf(changes: Partial<TokenRequest>): Promise<Record<string, string>> {
  const { body } = await buildTokenRequest(tokenRequest(changes), NOW_MS);
  return Object.fromEntries(new URLSearchParams(body.reveal()));
}

test('a refresh puts client id, client secret and refresh token into a form', async () => {
  const built = await buildTokenRequest(tokenRequest(), NOW_MS);

  assert.equal(built.method, 'POST');
  assert.equal(built.url.href, 'https://provider.example/auth/oauth/v2/token');
  assert.equal(built.headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(built.headers.accept, 'application/json');
  assert.deepEqual(built.secretHeaders, {});
  assert.deepEqual(await bodyOf({}), {
    grant_type: 'refresh_token',
    refresh_token: SECRETS.refreshToken,
    client_id: 'fake-client',
    client_secret: SECRETS.clientSecret,
  });
});

test('basic authentication keeps the client secret out of the body', async () => {
  const { secretHeaders, body } = await buildTokenRequest(tokenRequest({ clientAuth: 'basic' }), NOW_MS);

  const [scheme, credentials] = secretHeaders.authorization?.reveal().split(' ') ?? [];
  assert.equal(scheme, 'Basic');
  // RFC 6749 §2.3.1: each part form-urlencoded before they are joined.
  const parts = Buffer.from(credentials ?? '', 'base64')
    .toString()
    .split(':')
    .map(decodeURIComponent);
  assert.deepEqual(parts, ['fake-client', SECRETS.clientSecret]);
  assert.doesNotMatch(body.reveal(), /client/);
});

const IN_BASIC: [what: string, text: string, idSent: string, secretSent: string][] = [
  ['a GUID', '0a1b-2c3d', '0a1b-2c3d', '0a1b-2c3d'],
  ['what base64 and URLs use', 'a_b.c~d/e=', 'a_b.c~d/e=', 'a_b.c~d/e='],
  ['white space and punctuation', "a b!*'()&?", "a b!*'()&?", "a b!*'()&?"],
  ['what decoding would change', 'a%41+b', 'a%2541%2Bb', 'a%2541%2Bb'],
  ['a colon', 'a:b', 'a%3Ab', 'a:b'],
  ['letters beyond ASCII', 'é', '%C3%A9', '%C3%A9'],
];

for (const [what, text, idSent, secretSent] of IN_BASIC) {
  test(`by Basic, ${what} reads the same for servers that decode it and for those that do not, if it can`, async () => {
    const client = { clientId: text, clientSecret: new Secret(text) };
    const { secretHeaders } = await buildTokenRequest(tokenRequest({ clientAuth: 'basic', client }), NOW_MS);
    const sent = Buffer.from(
      secretHeaders.authorization?.reveal().slice('Basic '.length) ?? '',
      'base64',
    ).toString();
    assert.equal(sent, `${idSent}:${secretSent}`);
    const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(sent) ?? [];
    const decoded = [id, secret].map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    assert.deepEqual(decoded, [text, text]);
  });
}

const PRIVATE_KEY = new Secret(
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
);
const { certificate, key: privateKey } = new CertificateAuthority('Fake Authority').issue('fake-client');

/** What proves the client, by each client authentication: the members of the body, and whether there is a header. */
const PROOFS: Readonly<
  Record<
    ClientAuth,
    { readonly client?: TokenRequest['client']; readonly body: string[]; readonly header: boolean }
  >
> = {
  post: { body: ['client_id', 'client_secret'], header: false },
  basic: { body: [], header: true },
  none: { body: ['client_id'], header: false },
  private_key_jwt: {
    client: { clientId: 'fake-client', privateKey: PRIVATE_KEY },
    body: ['client_assertion', 'client_assertion_type', 'client_id'],
    header: false,
  },
  tls: {
    client: {
      clientId: 'fake-client',
      certificate: new Secret(certificate),
      privateKey: new Secret(privateKey),
    },
    body: ['client_id'],
    header: false,
  },
};

for (const [clientAuth, { client, body, header }] of Object.entries(PROOFS)) {
  test(`a client proves who it is by ${clientAuth}, and by nothing else`, async () => {
    const request = tokenRequest({ clientAuth: clientAuth as ClientAuth, ...(client && { client }) });
    const built = await buildTokenRequest(request, NOW_MS);
    const sent = [...new URLSearchParams(built.body.reveal()).keys()];
    assert.deepEqual(sent.filter((name) => name.startsWith('client_')).toSorted(), body);
    assert.equal('authorization' in built.secretHeaders, header);
    for (const key of [PRIVATE_KEY.reveal(), privateKey]) assert.ok(!built.body.reveal().includes(key));
  });
}

test('a public client sends its id only', async () => {
  const body = await bodyOf({ clientAuth: 'none' });

  assert.equal(body.client_id, 'fake-client');
  assert.equal('client_secret' in body, false);
});

test('a provider without clients is sent no client id', async () => {
  assert.equal('client_id' in (await bodyOf({ clientAuth: 'none', client: { clientId: '' } })), false);
});

test('scope and extra parameters are sent as they are', async () => {
  const body = await bodyOf({ scope: 'a b  c', extra: { network: 'Ünï & co', audience: 'x' } });

  assert.equal(body.scope, 'a b  c');
  assert.equal(body.network, 'Ünï & co');
  assert.equal(body.audience, 'x');
});

test('extra parameters cannot replace what makes the request', async () => {
  const extra = { grant_type: 'x', refresh_token: 'x', client_id: 'x', client_secret: 'x', scope: 'x' };

  assert.deepEqual(await bodyOf({ scope: 'a', extra }), {
    grant_type: 'refresh_token',
    refresh_token: SECRETS.refreshToken,
    client_id: 'fake-client',
    client_secret: SECRETS.clientSecret,
    scope: 'a',
  });
});

test('a password login sends user name and password, and no refresh token', async () => {
  const client = { clientId: '', username: 'network/user', password: new Secret(SECRETS.password) };

  assert.deepEqual(await bodyOf({ grant: 'password', clientAuth: 'none', client }), {
    grant_type: 'password',
    username: 'network/user',
    password: SECRETS.password,
  });
});

test('a network is named in the user name', async () => {
  const password = new Secret(SECRETS.password);
  const client = { clientId: '', username: 'user@provider.example', password, network: 'exampleNetwork' };
  const { username } = await bodyOf({ grant: 'password', clientAuth: 'none', client });
  assert.equal(username, 'exampleNetwork/user@provider.example');
});

test('a refresh sends neither user name nor password', async () => {
  const password = new Secret(SECRETS.password);
  const client = { clientId: '', username: 'user', password, network: 'exampleNetwork' };
  assert.deepEqual(await bodyOf({ clientAuth: 'none', client }), {
    grant_type: 'refresh_token',
    refresh_token: SECRETS.refreshToken,
  });
});

test('client credentials are a grant by themselves', async () => {
  assert.deepEqual(await bodyOf({ grant: 'client_credentials' }), {
    grant_type: 'client_credentials',
    client_id: 'fake-client',
    client_secret: SECRETS.clientSecret,
  });
});

test('a built request shows no secret when it is printed', async () => {
  assertNothingLeaks(await buildTokenRequest(tokenRequest(), NOW_MS));
  assertNothingLeaks(await buildTokenRequest(tokenRequest({ clientAuth: 'basic' }), NOW_MS));
});

const UNBUILDABLE: Record<string, Partial<TokenRequest>> = {
  'missing-refresh-token': { refreshToken: undefined },
  'missing-client-secret': { client: { clientId: 'fake-client' } },
  'missing-client-id': { client: { clientId: '', clientSecret: new Secret(SECRETS.clientSecret) } },
  'missing-username': { grant: 'password' },
  'missing-password': {
    grant: 'password',
    client: { clientId: 'c', clientSecret: new Secret(SECRETS.clientSecret), username: 'user' },
  },
  'invalid-token-url': { tokenUrl: 'http://user:sentinel@provider.example/token' },
  // A lone surrogate cannot be encoded; the library's error is not ours to show.
  'unbuildable-request': {
    clientAuth: 'basic',
    client: { clientId: 'c', clientSecret: new Secret('sentinel-\ud800') },
  },
};

for (const [reason, changes] of Object.entries(UNBUILDABLE)) {
  test(`a request that cannot be built is refused as ${reason}`, async () => {
    const error: unknown = await buildTokenRequest(tokenRequest(changes), NOW_MS).then(
      () => assert.fail('it was built'),
      (error: unknown) => error,
    );

    assertNothingLeaks(error);
    assert.deepEqual(outcomeOfUnbuildable(error), { kind: 'refused-client', reason });
  });
}
