// The grants of BS2's other APIs, at the same URL as those of Collection.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CLIENT, MINUTE_MS, refusal, runProvider } from '../provider/running-provider.ts';

const USER = { username: 'fake-user', password: 'fake-password' };

async function enrolled(t: TestContext, more: object = {}) {
  const provider = await runProvider(t);
  assert.equal((await provider.postJson('/_sandbox/logins', { ...CLIENT, ...more })).status, 200);
  const request = (
    form: Record<string, string>,
    { headers, client = CLIENT }: { headers?: Record<string, string>; client?: object } = {},
  ) =>
    fetch(`${provider.url}/auth/oauth/v2/token`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ ...client, ...form }),
    });
  return { ...provider, request };
}

test('client credentials bring an access token, and no refresh token', async (t) => {
  const provider = await enrolled(t);
  const response = await provider.request({ grant_type: 'client_credentials' });
  const { access_token, ...rest } = (await response.json()) as Record<string, string>;
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 300, scope: CLIENT.scope });
  assert.equal(await provider.open(`${access_token}`), 200);
});

test('a client may prove itself by HTTP Basic', async (t) => {
  const provider = await enrolled(t);
  const proof = Buffer.from(`${CLIENT.client_id}:${CLIENT.client_secret}`).toString('base64');
  const basic = { headers: { authorization: `Basic ${proof}` }, client: { scope: CLIENT.scope } };
  assert.equal((await provider.request({ grant_type: 'client_credentials' }, basic)).status, 200);
});

test('a password login brings a pair whose refresh token rotates', async (t) => {
  const provider = await enrolled(t, USER);
  const response = await provider.request({ grant_type: 'password', ...USER });
  const pair = (await response.json()) as { access_token: string; refresh_token: string };
  await provider.clock.advance(9 * MINUTE_MS);
  const next = await provider.refreshed(pair.refresh_token);
  assert.equal(await provider.open(next.access_token), 200);
  assert.deepEqual(await refusal(await provider.refresh(pair.refresh_token)), [400, 'invalid_grant']);
});

test('the refresh token that a password brought lives for ten minutes, as does the next one', async (t) => {
  const provider = await enrolled(t, USER);
  const response = await provider.request({ grant_type: 'password', ...USER });
  const { refresh_token } = (await response.json()) as { refresh_token: string };
  await provider.clock.advance(10 * MINUTE_MS - 1);
  const next = await provider.refreshed(refresh_token);
  await provider.clock.advance(10 * MINUTE_MS);
  assert.deepEqual(await refusal(await provider.refresh(next.refresh_token)), [400, 'invalid_grant']);
});

test('When generating a new access_token, the existing key will be automatically invalidated: a login does it too', async (t) => {
  const provider = await enrolled(t);
  const tokens: string[] = [];
  for (let at = 0; at < 2; at++) {
    const response = await provider.request({ grant_type: 'client_credentials' });
    tokens.push(((await response.json()) as { access_token: string }).access_token);
  }
  assert.deepEqual(await Promise.all(tokens.map((token) => provider.open(token))), [401, 200]);
});

test('a wrong password, a stranger and another scope are refused', async (t) => {
  const provider = await enrolled(t, USER);
  const grant_type = 'password';
  const refused = async (form: Record<string, string>) =>
    refusal(await provider.request({ grant_type, ...USER, ...form }));
  assert.deepEqual(await refused({ password: 'fake-wrong' }), [400, 'invalid_grant']);
  assert.deepEqual(await refused({ username: 'fake-stranger' }), [400, 'invalid_grant']);
  assert.deepEqual(await refused({ scope: 'fake.more' }), [400, 'invalid_scope']);
  assert.deepEqual(await refused({ client_secret: 'fake-wrong' }), [401, 'invalid_client']);
});

test('a client is held to the grants that it was registered for', async (t) => {
  const provider = await enrolled(t);
  const asUser = await provider.request({ grant_type: 'password', ...USER });
  assert.deepEqual(await refusal(asUser), [400, 'unauthorized_client']);
});

test('a login counts for the quota, like every token request', async (t) => {
  const provider = await enrolled(t);
  for (let at = 0; at < 10; at++) await provider.request({ grant_type: 'client_credentials' });
  const eleventh = await provider.request({ grant_type: 'client_credentials' });
  assert.deepEqual(await refusal(eleventh), [429, 'too_many_requests']);
  const { issued, throttled, busiest_window } = await provider.stats();
  assert.deepEqual({ issued, throttled, busiest_window }, { issued: 10, throttled: 1, busiest_window: 11 });
});
