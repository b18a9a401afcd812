// Signed assertions and client certificates, proven against a certified server that nobody here wrote.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import Provider from 'oidc-provider';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { HttpsTokenEndpoint } from '../../shared/token-endpoint/https-token-endpoint.ts';
import type { ClientSecret, Outcome, TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import { CertificateAuthority } from '../unit/token-endpoint/certificate-authority.ts';

const authority = new CertificateAuthority('Fake Authority');
const serverCertificate = authority.issue('fake-server');
const clientCertificate = authority.issue('fake-tls-client');

const KEYS: Record<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }> = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  Ed25519: generateKeyPairSync('ed25519'),
};

const common = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };

function configuration() {
  const signing = Object.entries(KEYS).map(([alg, { publicKey }]) => ({
    ...common,
    client_id: `fake-${alg}`,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: alg,
    jwks: {
      keys: [
        {
          ...createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' }),
          kid: alg,
          alg,
          use: 'sig',
        },
      ],
    },
  }));
  return {
    clients: [
      ...signing,
      {
        ...common,
        client_id: 'fake-tls-client',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=fake-tls-client',
      },
    ],
    clientAuthMethods: ['private_key_jwt', 'tls_client_auth'],
    enabledJWA: { clientAuthSigningAlgValues: Object.keys(KEYS) },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      mTLS: {
        enabled: true,
        tlsClientAuth: true,
        certificateAuthorized: ({ socket }: { socket: TLSSocket }) => socket.authorized,
        certificateSubjectMatches: ({ socket }: { socket: TLSSocket }, _property: string, expected: string) =>
          socket.getPeerX509Certificate()?.subject === expected,
        getCertificate: ({ socket }: { socket: TLSSocket }) => socket.getPeerX509Certificate()?.toString(),
      },
    },
    ttl: { ClientCredentials: 600 },
    cookies: { keys: ['fake-cookie-key'] },
  };
}

const server = createServer({
  cert: serverCertificate.certificate,
  key: serverCertificate.key,
  ca: authority.certificate,
  requestCert: true,
  rejectUnauthorized: false,
});
let tokenUrl = '';

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  tokenUrl = `${issuer}/token`;
  server.on('request', new Provider(issuer, configuration()).callback());
});
after(() => {
  server.close();
  server.closeAllConnections();
});

function post(clientAuth: TokenRequest['clientAuth'], client: ClientSecret): Promise<Outcome> {
  const nowMs = systemClock.monotonicMs();
  return new HttpsTokenEndpoint({ clock: systemClock }).post(
    { tokenUrl, clientAuth, client, grant: 'client_credentials', extra: {}, ca: authority.certificate },
    { sendByMs: nowMs + 10_000, answerByMs: nowMs + 20_000 },
  );
}

function jwkOf(alg: string): object {
  return { ...KEYS[alg]?.privateKey.export({ format: 'jwk' }), kid: alg, alg };
}

function pemOf(alg: string, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8'): Secret {
  return new Secret(String(KEYS[alg]?.privateKey.export({ type, format: 'pem' })));
}

describe('private_key_jwt', () => {
  for (const alg of Object.keys(KEYS)) {
    test(`${alg}, with a JWK`, async () => {
      const privateKey = new Secret(JSON.stringify(jwkOf(alg)));
      const outcome = await post('private_key_jwt', { clientId: `fake-${alg}`, privateKey });
      assert.equal(outcome.kind, 'success');
    });

    test(`${alg}, with PEM, an algorithm and a key id`, async () => {
      const client = { clientId: `fake-${alg}`, privateKey: pemOf(alg), algorithm: alg, keyId: alg };
      assert.equal((await post('private_key_jwt', client)).kind, 'success');
    });
  }

  test('the usual algorithm of a key need not be named, whatever the PEM is', async () => {
    const clients = [
      { clientId: 'fake-RS256', privateKey: pemOf('RS256', 'pkcs1') },
      { clientId: 'fake-ES256', privateKey: pemOf('ES256', 'sec1') },
      { clientId: 'fake-ES384', privateKey: pemOf('ES384') },
    ];
    for (const client of clients) assert.equal((await post('private_key_jwt', client)).kind, 'success');
  });

  test('the key of another client is refused by the server', async () => {
    const client = { clientId: 'fake-ES256', privateKey: pemOf('ES384') };
    assert.deepEqual(await post('private_key_jwt', client), {
      kind: 'refused-client',
      reason: 'invalid_client',
    });
  });

  test('a key that does not fit the algorithm, or is none, sends nothing', async () => {
    const refused = { kind: 'refused-client', reason: 'invalid-private-key' };
    const clients = [
      { clientId: 'fake-RS256', privateKey: pemOf('RS256'), algorithm: 'ES256' },
      { clientId: 'fake-ES256', privateKey: pemOf('ES384'), algorithm: 'ES256' },
      { clientId: 'fake-RS256', privateKey: pemOf('RS256'), algorithm: 'HS256' },
      { clientId: 'fake-RS256', privateKey: new Secret('{"kty":"RSA"}') },
      { clientId: 'fake-RS256', privateKey: new Secret('sentinel') },
    ];
    for (const client of clients) assert.deepEqual(await post('private_key_jwt', client), refused);
    assert.deepEqual(await post('private_key_jwt', { clientId: 'fake-RS256' }), {
      kind: 'refused-client',
      reason: 'missing-private-key',
    });
  });
});

describe('tls', () => {
  const certificate = new Secret(clientCertificate.certificate);
  const privateKey = new Secret(clientCertificate.key);

  test('the certificate of the connection is the client', async () => {
    const outcome = await post('tls', { clientId: 'fake-tls-client', certificate, privateKey });
    assert.equal(outcome.kind, 'success');
  });

  test('the certificate of another client is refused by the server', async () => {
    const other = authority.issue('somebody-else');
    const client = {
      clientId: 'fake-tls-client',
      certificate: new Secret(other.certificate),
      privateKey: new Secret(other.key),
    };
    assert.deepEqual(await post('tls', client), { kind: 'refused-client', reason: 'invalid_client' });
  });

  test('without a certificate nothing is sent', async () => {
    assert.deepEqual(await post('tls', { clientId: 'fake-tls-client' }), {
      kind: 'refused-client',
      reason: 'missing-certificate',
    });
  });
});
