// A device that a person lets in (RFC 8628), and the metadata by which clients find it (RFC 8414).
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEVICE_GRANT } from '../../../../local/sandboxes/provider/rules.ts';
import { CLIENT, type Pair, refusal, runProvider } from './running-provider.ts';

const { client_id, client_secret, scope } = CLIENT;
const INTERVAL_MS = 5000;

async function withDevice(t: TestContext) {
  const provider = await runProvider(t);
  await provider.postJson('/_sandbox/clients', CLIENT);
  const post = (path: string, form: Record<string, string>) =>
    fetch(provider.url + path, { method: 'POST', body: new URLSearchParams(form) });
  const ask = (changes: Record<string, string> = {}) =>
    post('/device_authorization', { client_id, client_secret, scope, ...changes });
  const asked = (await (await ask()).json()) as Record<string, string>;
  const poll = (device_code = asked.device_code ?? '') =>
    post('/auth/oauth/v2/token', { grant_type: DEVICE_GRANT, device_code, client_id, client_secret });
  const decide = (decision: string, user_code = asked.user_code ?? '') =>
    post('/device', { user_code, decision });
  const page = async (query = '') => (await fetch(`${provider.url}/device${query}`)).text();
  return { ...provider, ask, asked, poll, decide, page };
}

test('a device that a person lets in has a pair that lives and rotates', async (t) => {
  const { asked, poll, page, decide, open, refreshed, clock } = await withDevice(t);
  assert.deepEqual([asked.expires_in, asked.interval], [600, 5]);
  assert.match(asked.user_code ?? '', /^[A-Z]{4}-[A-Z]{4}$/);
  assert.deepEqual(await refusal(await poll()), [400, 'authorization_pending']);
  assert.match(await page(`?user_code=${asked.user_code}`), /fake\.charges\.read[\s\S]*value="allow"/);
  assert.equal((await decide('allow')).status, 200);
  await clock.advance(INTERVAL_MS);
  const pair = (await (await poll()).json()) as Pair;
  assert.equal(await open(pair.access_token), 200);
  assert.equal(await open((await refreshed(pair.refresh_token)).access_token), 200);
  assert.deepEqual(await refusal(await poll()), [400, 'invalid_grant']);
});

test('a code is taken as people type it: in lower case, without the dash', async (t) => {
  const { asked, decide } = await withDevice(t);
  assert.equal((await decide('allow', asked.user_code?.toLowerCase().replace('-', ' '))).status, 200);
});

test('a device that a person refuses is told so', async (t) => {
  const { poll, decide } = await withDevice(t);
  await decide('deny');
  assert.deepEqual(await refusal(await poll()), [400, 'access_denied']);
});

test('a device that asks too often is told to slow down, and one that waits too long that its code has ended', async (t) => {
  const { poll, clock, decide } = await withDevice(t);
  await poll();
  assert.deepEqual(await refusal(await poll()), [400, 'slow_down']);
  await clock.advance(600_000);
  assert.deepEqual(await refusal(await poll()), [400, 'expired_token']);
  assert.equal((await decide('allow')).status, 400);
});

test('a code that nobody waits for is told to the person, and shown as text', async (t) => {
  const { page, decide } = await withDevice(t);
  assert.match(await page(), /Code on the device/);
  const shown = await page('?user_code="><script>');
  assert.match(shown, /No device waits/);
  assert.doesNotMatch(shown, /<script>/);
  assert.equal((await decide('allow', 'FAKE-CODE')).status, 400);
});

test('a stranger, and one who wants more than his scope, get no code', async (t) => {
  const { ask } = await withDevice(t);
  assert.deepEqual(await refusal(await ask({ client_secret: 'fake-other' })), [401, 'invalid_client']);
  assert.deepEqual(await refusal(await ask({ scope: 'fake.more' })), [400, 'invalid_scope']);
});

test('the metadata says where everything is', async (t) => {
  const { url } = await withDevice(t);
  for (const path of ['oauth-authorization-server', 'openid-configuration']) {
    const metadata = (await (await fetch(`${url}/.well-known/${path}`)).json()) as Record<string, unknown>;
    assert.deepEqual(metadata, {
      issuer: url,
      token_endpoint: `${url}/auth/oauth/v2/token`,
      authorization_endpoint: `${url}/auth/oauth/v2/authorize`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
      device_authorization_endpoint: `${url}/device_authorization`,
      grant_types_supported: [
        'refresh_token',
        'password',
        'client_credentials',
        'authorization_code',
        DEVICE_GRANT,
      ],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    });
  }
});

test('every sandbox that persons log in to has its login page at /authorize too', async (t) => {
  const { url } = await withDevice(t);
  const query = new URLSearchParams({
    client_id,
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:9/',
  });
  for (const path of ['/authorize', '/api-banking/auth/oauth/v2/authorize']) {
    assert.equal((await fetch(`${url}${path}?${query}`)).status, 200);
  }
});
