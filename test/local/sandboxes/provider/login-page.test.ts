// A person in a browser: authorization code with PKCE.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { CLIENT, refusal, runProvider } from './running-provider.ts';

const REDIRECT = 'http://127.0.0.1:9/callback';
const VERIFIER = 'fake-verifier-0123456789-0123456789-0123456789';
const challenge = createHash('sha256').update(VERIFIER).digest('base64url');

const QUERY = {
  response_type: 'code',
  client_id: CLIENT.client_id,
  redirect_uri: REDIRECT,
  scope: CLIENT.scope,
  state: 'fake-state',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};

async function withClient(t: TestContext) {
  const provider = await runProvider(t);
  await provider.postJson('/_sandbox/clients', CLIENT);
  const page = (changes: Record<string, string | undefined> = {}) =>
    fetch(`${provider.url}/auth/oauth/v2/authorize?${form({ ...QUERY, ...changes })}`, {
      redirect: 'manual',
    });
  const decide = async (decision: string, changes: Record<string, string | undefined> = {}) => {
    const body = form({ ...QUERY, ...changes, decision });
    const url = `${provider.url}/auth/oauth/v2/authorize`;
    const response = await fetch(url, { method: 'POST', body, redirect: 'manual' });
    return new URL(response.headers.get('location') ?? 'about:blank');
  };
  const exchange = (code: string, changes: Record<string, string | undefined> = {}) =>
    fetch(`${provider.url}/auth/oauth/v2/token`, {
      method: 'POST',
      body: form({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT,
        code_verifier: VERIFIER,
        client_id: CLIENT.client_id,
        client_secret: CLIENT.client_secret,
        ...changes,
      }),
    });
  return { ...provider, page, decide, exchange };
}

function form(values: Record<string, string | undefined>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

test('a person who allows it brings a pair that lives and rotates', async (t) => {
  const { page, decide, exchange, refreshed, open } = await withClient(t);
  const shown = await page();
  assert.equal(shown.status, 200);
  assert.match(await shown.text(), /<form method="post"[\s\S]*fake-state[\s\S]*value="allow"/);
  const back = await decide('allow');
  assert.equal(`${back.origin}${back.pathname}`, REDIRECT);
  assert.equal(back.searchParams.get('state'), 'fake-state');
  const response = await exchange(back.searchParams.get('code') ?? '');
  const pair = (await response.json()) as { access_token: string; refresh_token: string; scope: string };
  assert.equal(pair.scope, CLIENT.scope);
  assert.equal(await open(pair.access_token), 200);
  assert.equal(await open((await refreshed(pair.refresh_token)).access_token), 200);
});

test('a person who refuses sends access_denied back, with the state', async (t) => {
  const { decide } = await withClient(t);
  const { searchParams } = await decide('deny');
  assert.deepEqual(
    [...searchParams],
    [
      ['error', 'access_denied'],
      ['state', 'fake-state'],
    ],
  );
});

test('a code that comes twice is refused, and what it brought ends', async (t) => {
  const { decide, exchange, open, refresh } = await withClient(t);
  const code = (await decide('allow')).searchParams.get('code') ?? '';
  const pair = (await (await exchange(code)).json()) as { access_token: string; refresh_token: string };
  assert.deepEqual(await refusal(await exchange(code)), [400, 'invalid_grant']);
  assert.equal(await open(pair.access_token), 401);
  assert.deepEqual(await refusal(await refresh(pair.refresh_token)), [400, 'invalid_grant']);
});

test('a code is good for one minute, its client, its redirect and its verifier', async (t) => {
  const { decide, exchange, clock } = await withClient(t);
  const code = (await decide('allow')).searchParams.get('code') ?? '';
  for (const changes of [
    { redirect_uri: `${REDIRECT}/other` },
    { code_verifier: 'fake-other-verifier' },
    { code_verifier: undefined },
    { code: 'fake-code' },
  ]) {
    assert.deepEqual(await refusal(await exchange(code, changes)), [400, 'invalid_grant']);
  }
  assert.deepEqual(await refusal(await exchange(code, { client_secret: 'fake' })), [401, 'invalid_client']);
  await clock.advance(60_000);
  assert.deepEqual(await refusal(await exchange(code)), [400, 'invalid_grant']);
});

test('an unknown client and a redirect beyond loopback are told to the person, and redirected nowhere', async (t) => {
  const { page } = await withClient(t);
  for (const changes of [
    { client_id: 'fake-stranger' },
    { redirect_uri: 'https://evil.example/' },
    { redirect_uri: 'http://127.0.0.1.evil.example/' },
    { redirect_uri: undefined },
  ]) {
    const response = await page(changes);
    assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
  }
});

test('any other fault goes back to the client by its redirect', async (t) => {
  const { page } = await withClient(t);
  const cases: [Record<string, string | undefined>, string][] = [
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ scope: 'fake.more' }, 'invalid_scope'],
  ];
  for (const [changes, error] of cases) {
    const { searchParams } = new URL((await page(changes)).headers.get('location') ?? '');
    assert.deepEqual([searchParams.get('error'), searchParams.get('state')], [error, 'fake-state']);
  }
});

test('what a client sends is shown as text, never as markup', async (t) => {
  const { page } = await withClient(t);
  const text = await (await page({ state: '"><script>alert(1)</script>' })).text();
  assert.doesNotMatch(text, /<script/);
});
