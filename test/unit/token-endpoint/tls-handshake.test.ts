// Private authorities, client certificates, and names that must not reach OpenSSL.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { openFreshSocket } from '../../../shared/token-endpoint/connection/fresh-socket.ts';
import { isServerName } from '../../../shared/token-endpoint/connection/server-name.ts';
import type { ClientSecret } from '../../../shared/token-endpoint/token-endpoint.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { SECRETS, tokenBody } from './fixtures.ts';
import { isPair, post } from './loopback-post.ts';
import { httpAnswer } from './loopback-server.ts';

const authority = new CertificateAuthority('Fake Private Authority');
const other = new CertificateAuthority('Another Authority');
const server = authority.issue('fake-server');
const mine = authority.issue('fake-client');

/** Answers with a pair; asks for a certificate of the authority's, and refuses to go on without one. */
async function tokenServer(t: TestContext, requestCert: boolean) {
  const names: (string | undefined)[] = [];
  const listener = createServer(
    {
      cert: server.certificate,
      key: server.key,
      ca: authority.certificate,
      requestCert,
      rejectUnauthorized: requestCert,
    },
    (socket: TLSSocket) => {
      const name = socket.getPeerCertificate().subject?.CN;
      names.push(Array.isArray(name) ? name[0] : name);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(httpAnswer(200, tokenBody())));
    },
  );
  listener.on('tlsClientError', () => undefined);
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  return { tokenUrl: `https://127.0.0.1:${port}/token`, names };
}

const client = (more: Partial<ClientSecret>): ClientSecret => ({
  clientId: 'fake-client',
  clientSecret: new Secret(SECRETS.clientSecret),
  ...more,
});
const certified = client({ certificate: new Secret(mine.certificate), privateKey: new Secret(mine.key) });

test('the authority of a request vouches for its server, and no other does', async (t) => {
  const { tokenUrl } = await tokenServer(t, false);

  assert.ok(isPair(await post(tokenUrl, { changes: { ca: authority.certificate } })));
  const outcome = await post(tokenUrl, { changes: { ca: other.certificate } });
  assert.equal(outcome.kind, 'not-sent');
});

test('a bundle of authorities is taken whole', async (t) => {
  const { tokenUrl } = await tokenServer(t, false);
  const ca = `# comment\n${other.certificate}\n${authority.certificate}`;
  assert.ok(isPair(await post(tokenUrl, { changes: { ca } })));
});

for (const clientAuth of ['tls', 'post', 'basic', 'none'] as const) {
  test(`a client certificate is shown, with client_auth ${clientAuth}`, async (t) => {
    const { tokenUrl, names } = await tokenServer(t, true);
    const outcome = await post(tokenUrl, {
      changes: { ca: authority.certificate, clientAuth, client: certified },
    });
    assert.ok(isPair(outcome));
    assert.deepEqual(names, ['fake-client']);
  });
}

test('the key of a certificate may lie beside it, for a client that signs with another', async (t) => {
  const { tokenUrl, names } = await tokenServer(t, true);
  const signing = authority.issue('signer', 'rsa');
  const both = client({
    certificate: new Secret(mine.certificate + mine.key),
    privateKey: new Secret(signing.key),
  });
  const changes = { ca: authority.certificate, clientAuth: 'private_key_jwt', client: both } as const;
  assert.ok(isPair(await post(tokenUrl, { changes })));
  assert.deepEqual(names, ['fake-client']);
});

test('a server that asks for a certificate gets no token request without one', async (t) => {
  const { tokenUrl } = await tokenServer(t, true);
  const outcome = await post(tokenUrl, { changes: { ca: authority.certificate } });
  assert.notEqual(outcome.kind, 'success');
});

const UNUSABLE: Record<string, [reason: string, client: Partial<ClientSecret>, ca?: string]> = {
  'an authority that is no certificate': ['invalid-ca', {}, 'sentinel'],
  'an authority that is spoilt': ['invalid-ca', {}, spoilt(authority.certificate)],
  'a certificate that is none': ['invalid-certificate', { certificate: new Secret('sentinel') }],
  'a certificate that is spoilt': [
    'invalid-certificate',
    { certificate: new Secret(spoilt(mine.certificate)), privateKey: new Secret(mine.key) },
  ],
  'a certificate without a key': ['missing-private-key', { certificate: new Secret(mine.certificate) }],
  'a certificate with a key that is none': [
    'invalid-private-key',
    { certificate: new Secret(mine.certificate), privateKey: new Secret('sentinel') },
  ],
  'a certificate with the key of another': [
    'invalid-private-key',
    { certificate: new Secret(mine.certificate), privateKey: new Secret(server.key) },
  ],
};

for (const [what, [reason, more, ca]] of Object.entries(UNUSABLE)) {
  test(`${what} is refused before anything is sent, and harms nobody`, async () => {
    const changes = { client: client(more), ...(ca !== undefined && { ca }) };
    const outcome = await post('https://127.0.0.1:1/token', { changes });
    assert.deepEqual(outcome, { kind: 'refused-client', reason });
    await sealsStill();
  });
}

function spoilt(certificate: string): string {
  return certificate.replace(/\n[A-Za-z0-9+/]{60}/, '\nAAAA');
}

const NAMES: Record<string, [host: string, isSound: boolean]> = {
  'a name': ['provider.example', true],
  'a name with the dot of the root': ['provider.example.', true],
  'an IPv4 address': ['127.0.0.1', true],
  'an IPv6 address': ['[::1]', true],
  'a label of 63': [`${'a'.repeat(63)}.example`, true],
  'a label of 64': [`${'a'.repeat(64)}.example`, false],
  'a name of 253': [`${'a.'.repeat(126)}a`, true],
  'a name of 254': [`${'a.'.repeat(126)}ab`, false],
  'a name of 300': [`${'a'.repeat(60)}.`.repeat(5).slice(0, -1), false],
  'a label of 300': ['a'.repeat(300), false],
  'an empty label': ['a..example', false],
  'a name with an underscore': ['a_b.example', true],
  'a name in another script': ['xn--9ca.example', true],
  'what a template was to fill': ['{tenant}.example', false],
  'a wildcard': ['*.example', false],
  'a name with a comma': ['a,b.example', false],
  nothing: ['', false],
};

for (const [what, [host, isSound]] of Object.entries(NAMES)) {
  test(`${what} ${isSound ? 'may' : 'may not'} reach TLS`, async () => {
    assert.equal(isServerName(host), isSound);
    if (isSound || host === '') return;
    const outcome = await post(`https://${host}/token`);
    assert.deepEqual(outcome, { kind: 'refused-client', reason: 'invalid-token-url' });
    const byMs = systemClock.monotonicMs() + 5000;
    const opened = await openFreshSocket(new URL(`https://${host}/`), { clock: systemClock, byMs });
    assert.deepEqual(opened, { reason: 'invalid-server-name' });
    await sealsStill();
  });
}

/** An error that OpenSSL kept in its queue aborts the process here. */
async function sealsStill(): Promise<void> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, key, new Uint8Array(16));
}
