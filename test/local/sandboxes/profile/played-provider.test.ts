// The sandbox plays providers by their profiles: what a client sees of each.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createProfileProvider } from '../../../../local/sandboxes/profile/profile-rules.ts';
import { everywhere, type ProviderProfile } from '../../../../shared/provider/profile.ts';
import { profiles } from '../../../../shared/provider/profiles.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';

const CLIENT = { client_id: 'fake-client', client_secret: 'fake-secret', scope: 'a b' };
const MINUTE_MS = 60_000;

async function play(t: TestContext, provider: string) {
  const clock = new ManualClock();
  const known = profiles.get(provider);
  assert.ok(known);
  // One way to prove the client, and one path, whatever the provider's own are.
  const profile: ProviderProfile = {
    ...known,
    tokenUrl: everywhere('https://{tenant}.provider.example/connect/token'),
    clientAuth: 'post',
  };
  const { listener } = createProfileProvider(profile, { clock, env: 'prd', scale: 1 });
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const granted = await fetch(`${base}/_sandbox/refresh-tokens`, {
    method: 'POST',
    body: JSON.stringify(CLIENT),
  });
  const { refresh_token: first } = (await granted.json()) as { refresh_token: string };
  const { client_id, client_secret } = CLIENT;
  const refresh = async (refresh_token: string) => {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token,
      client_id,
      client_secret,
    });
    const response = await fetch(`${base}/connect/token`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { clock, first, refresh };
}

test('Salesforce: no expires_in, no new refresh token, and the instance_url that API calls need', async (t) => {
  const { first, refresh } = await play(t, 'salesforce');
  const { status, body } = await refresh(first);
  assert.deepEqual([status, body.expires_in, body.refresh_token], [200, undefined, undefined]);
  assert.match(String(body.instance_url), /^https:/);
});

test('Zoho: the eleventh token of a refresh token in ten minutes is refused with a 400 of its own', async (t) => {
  const { clock, first, refresh } = await play(t, 'zoho');
  for (let at = 0; at < 10; at++) assert.equal((await refresh(first)).status, 200);
  const { status, body } = await refresh(first);
  assert.deepEqual([status, body.error], [400, 'Access Denied']);
  await clock.advance(10 * MINUTE_MS);
  assert.equal((await refresh(first)).status, 200);
});

test('QuickBooks: the life of the refresh token under another name', async (t) => {
  const { first, refresh } = await play(t, 'quickbooks');
  assert.equal((await refresh(first)).body.x_refresh_token_expires_in, 8_726_400);
});

test('Xero: a client that lost the answer may ask again for half an hour', async (t) => {
  const { clock, first, refresh } = await play(t, 'xero');
  await refresh(first);
  await clock.advance(30 * MINUTE_MS - 1);
  assert.equal((await refresh(first)).status, 200);
  await clock.advance(1);
  const { status, body } = await refresh(first);
  assert.deepEqual([status, body.error], [400, 'invalid_grant']);
});

test('Bling: one call too many closes the endpoint for an hour', async (t) => {
  const { clock, first, refresh } = await play(t, 'bling');
  let refreshToken = first;
  for (let at = 0; at < 19; at++) refreshToken = String((await refresh(refreshToken)).body.refresh_token);
  assert.equal((await refresh(refreshToken)).status, 429);
  await clock.advance(60 * MINUTE_MS - 1);
  assert.equal((await refresh(refreshToken)).status, 429);
  await clock.advance(1);
  assert.equal((await refresh(refreshToken)).status, 200);
});
