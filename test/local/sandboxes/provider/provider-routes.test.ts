import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { CLIENT, refusal, runProvider } from './running-provider.ts';

test('the resource refuses a missing, a dead and an odd token alike, and says how to ask', async (t) => {
  const provider = await runProvider(t);
  const pair = await provider.refreshed(await provider.grant());
  const headers = [
    {},
    { Authorization: 'Bearer fake-access-token-1' },
    { Authorization: `Basic ${pair.access_token}` },
    { Authorization: `Bearer ${pair.refresh_token}` },
    { Authorization: 'Bearer ' },
  ];
  for (const header of headers) {
    const response = await fetch(`${provider.url}/resource`, { headers: header });
    assert.equal(response.headers.get('www-authenticate'), 'Bearer error="invalid_token"');
    assert.deepEqual(await refusal(response), [401, 'invalid_token']);
  }
  const { resource_401, resource_ok } = await provider.stats();
  assert.deepEqual({ resource_401, resource_ok }, { resource_401: headers.length, resource_ok: 0 });
});

test('every answer is one whole line, so that the prompt after a curl begins on the next', async (t) => {
  const provider = await runProvider(t);
  const answers = [
    await fetch(`${provider.url}/healthz`),
    await fetch(`${provider.url}/unknown`),
    await provider.postJson('/_sandbox/refresh-tokens', CLIENT),
    await provider.postJson('/_sandbox/faults', { kind: 'http-503', count: 1 }),
    await provider.refresh('fake-refresh-token'),
  ];
  for (const answer of answers) assert.match(await answer.text(), /^\{.*\}\n$/, answer.url);
});

test('healthz answers, and an unknown route or method is 404', async (t) => {
  const provider = await runProvider(t, { env: 'hml', scale: 2 });
  assert.deepEqual(await (await fetch(`${provider.url}/healthz`)).json(), {
    status: 'ok',
    env: 'hml',
    scale: 2,
  });
  const nowhere = await fetch(`${provider.url}/nowhere`);
  assert.equal(nowhere.status, 404);
  assert.match(await nowhere.text(), /see docs\/reference\.md, Local stack"/);
  assert.equal((await fetch(`${provider.url}/resource`, { method: 'DELETE' })).status, 404);
  assert.equal((await fetch(`${provider.url}/_sandbox/faults`)).status, 404);
});

test('a registration that lacks something is 400 and names it', async (t) => {
  const provider = await runProvider(t);
  for (const field of ['client_id', 'client_secret', 'scope'] as const) {
    for (const value of [undefined, '', 7]) {
      const response = await provider.postJson('/_sandbox/refresh-tokens', { ...CLIENT, [field]: value });
      const { error_description } = (await response.json()) as Record<string, string>;
      assert.equal(response.status, 400);
      assert.match(`${error_description}`, new RegExp(`^${field}: `));
    }
  }
});

test('a registered client gets another refresh token by its id alone, and the one before lives on', async (t) => {
  const provider = await runProvider(t);
  const first = await provider.grant();
  const { client_id } = CLIENT;
  const response = await provider.postJson('/_sandbox/refresh-tokens', { client_id });
  const { refresh_token } = (await response.json()) as { refresh_token: string };
  await provider.refreshed(refresh_token);
  await provider.refreshed(first);
  const stranger = await provider.postJson('/_sandbox/refresh-tokens', { client_id: 'fake-stranger' });
  assert.equal(stranger.status, 400);
});

test('stats are exactly the counters of the contract', async (t) => {
  const provider = await runProvider(t);
  assert.deepEqual(await provider.stats(), {
    token_requests: 0,
    issued: 0,
    throttled: 0,
    reused_refresh_tokens: 0,
    resource_ok: 0,
    resource_401: 0,
    busiest_window: 0,
  });
});

test('a token request by HTTP Basic is served', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  const basic = Buffer.from(`${CLIENT.client_id}:${CLIENT.client_secret}`).toString('base64');
  const response = await fetch(`${provider.url}/auth/oauth/v2/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      scope: CLIENT.scope,
    }),
  });
  assert.equal(response.status, 200);
});

test('a body over 64 KiB is 413', async (t) => {
  const provider = await runProvider(t);
  const response = await provider.refresh('fake'.repeat(20_000));
  assert.deepEqual(await refusal(response), [413, 'invalid_request']);
});

test('a client that leaves in the middle of its body has arrived, and spends nothing', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  const leaving = httpRequest(`${provider.url}/auth/oauth/v2/token`, {
    method: 'POST',
    headers: { 'Content-Length': 1_000, 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  leaving.on('error', () => undefined);
  leaving.write('grant_type=');
  while ((await provider.stats()).token_requests === 0);
  leaving.destroy();

  assert.equal((await provider.refresh(refreshToken)).status, 200);
  assert.deepEqual(
    provider.events.filter((event) => event.type === 'failed'),
    [],
  );
});

test('a watcher is told what happened, and nothing secret', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  const pair = await provider.refreshed(refreshToken);
  await provider.refresh(refreshToken);
  await provider.postJson('/_sandbox/faults', { kind: 'http-503', count: 1 });
  for (let i = 0; i < 9; i++) await provider.refresh('fake-refresh-token-1', { scope: '' });

  assert.deepEqual(provider.events.slice(0, 4), [
    { type: 'granted' },
    { type: 'issued', expiresInSeconds: 300 },
    { type: 'refused', error: 'invalid_grant' },
    { type: 'fault', kind: 'http-503' },
  ]);
  assert.deepEqual(provider.events.at(-1), { type: 'throttled', retryAfterSeconds: 60 });
  const told = JSON.stringify([provider.events, await provider.stats()]);
  for (const secret of [
    refreshToken,
    pair.access_token,
    pair.refresh_token,
    CLIENT.client_secret,
    CLIENT.client_id,
  ]) {
    assert.equal(told.includes(secret), false);
  }
});

test('tokens come from the injected randomness', async (t) => {
  let drawn = 0;
  const provider = await runProvider(t, { random: { id: () => `fake-guid-${++drawn}` } });
  const { access_token, refresh_token } = await provider.refreshed(await provider.grant());
  assert.deepEqual([access_token, refresh_token], ['fake-guid-2', 'fake-guid-3']);
});
