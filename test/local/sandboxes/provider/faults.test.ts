import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { refusal, runProvider } from './running-provider.ts';

const order = (provider: Awaited<ReturnType<typeof runProvider>>, body: unknown) =>
  provider.postJson('/_sandbox/faults', body);

test('drop-request: the connection dies before anything is processed, but the request arrived', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'drop-request', count: 1 });

  await assert.rejects(provider.refresh(refreshToken), TypeError);

  const { token_requests, issued } = await provider.stats();
  assert.deepEqual({ token_requests, issued }, { token_requests: 1, issued: 0 });
  assert.equal((await provider.refresh(refreshToken)).status, 200);
});

test('drop-response: the connection dies after the refresh token was spent', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'drop-response', count: 1 });

  await assert.rejects(provider.refresh(refreshToken), TypeError);

  assert.equal((await provider.stats()).issued, 1);
  assert.deepEqual(await refusal(await provider.refresh(refreshToken)), [400, 'invalid_grant']);
  assert.equal((await provider.stats()).reused_refresh_tokens, 1);
});

test('http-503: refused unprocessed', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'http-503', count: 1 });
  assert.deepEqual(await refusal(await provider.refresh(refreshToken)), [503, 'temporarily_unavailable']);
  assert.equal((await provider.refresh(refreshToken)).status, 200);
});

test('http-429: refused unprocessed with Retry-After from ms, rounded up, and no throttling of the quota', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'http-429', count: 1, ms: 2_001 });
  await order(provider, { kind: 'http-429', count: 1 });

  const told = await provider.refresh(refreshToken);
  assert.equal(told.headers.get('retry-after'), '3');
  assert.deepEqual(await refusal(told), [429, 'too_many_requests']);
  assert.equal((await provider.refresh(refreshToken)).headers.get('retry-after'), '1');
  assert.equal((await provider.stats()).throttled, 0);
  assert.equal((await provider.refresh(refreshToken)).status, 200);
});

test('slow: processed at once, answered after ms and not a millisecond earlier', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'slow', count: 1, ms: 5_000 });
  let answered = false;
  const answer = provider.refresh(refreshToken).then((response) => {
    answered = true;
    return response;
  });
  while (provider.clock.sleeping === 0) await turn();
  assert.equal((await provider.stats()).issued, 1);

  await provider.clock.advance(4_999);
  await provider.stats();
  assert.equal(answered, false);
  await provider.clock.advance(1);
  assert.equal((await answer).status, 200);
});

test('slow: a client that gives up is not waited for', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'slow', count: 1, ms: 5_000 });
  const giveUp = new AbortController();
  const lost = fetch(`${provider.url}/auth/oauth/v2/token`, { method: 'POST', signal: giveUp.signal });
  while (provider.clock.sleeping === 0) await turn();

  giveUp.abort();
  await assert.rejects(lost, { name: 'AbortError' });
  while (provider.clock.sleeping > 0) await turn();
  assert.equal((await provider.refresh(refreshToken)).status, 200);
});

test('malformed: the refresh token is spent for a 200 whose JSON is cut off', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'malformed', count: 1 });

  const response = await provider.refresh(refreshToken);

  assert.equal(response.status, 200);
  await assert.rejects(response.json(), SyntaxError);
  assert.equal((await provider.refresh(refreshToken)).status, 400);
});

test('a count of 0 takes back the faults of its kind that wait, and no others', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'http-429', count: 10_000 });
  await order(provider, { kind: 'http-503', count: 1 });
  assert.equal((await order(provider, { kind: 'http-429', count: 0 })).status, 200);

  const statuses: number[] = [];
  for (let i = 0; i < 2; i++) statuses.push((await provider.refresh(refreshToken)).status);
  assert.deepEqual(statuses, [503, 200]);
});

test('an order holds for its count of requests, orders are met one after the other, count is 1 by default', async (t) => {
  const provider = await runProvider(t);
  const refreshToken = await provider.grant();
  await order(provider, { kind: 'http-503', count: 2 });
  await order(provider, { kind: 'http-429' });

  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await provider.refresh(refreshToken)).status);
  assert.deepEqual(statuses, [503, 503, 429, 200]);
});

test('faults strike token requests only', async (t) => {
  const provider = await runProvider(t);
  await order(provider, { kind: 'drop-request', count: 1 });
  const refreshToken = await provider.grant();
  assert.equal(await provider.open('fake-access-token-1'), 401);
  await assert.rejects(provider.refresh(refreshToken), TypeError);
});

test('a bad order is 400, names the field, never the value, and orders nothing', async (t) => {
  const provider = await runProvider(t);
  const bad: [unknown, RegExp][] = [
    ['not json', /^body: /],
    [[], /^kind: missing/],
    [null, /^body: /],
    [{ count: 1 }, /^kind: missing/],
    [{ kind: 'fake-sentinel', count: 1 }, /^kind: expected one of drop-request, /],
    [{ kind: 'slow', count: 1 }, /^ms: .*slow needs it/],
    [{ kind: 'slow', count: 1, ms: -1 }, /^ms: /],
    [{ kind: 'slow', count: 1, ms: 600_001 }, /^ms: /],
    [{ kind: 'slow', count: 1, ms: '5' }, /^ms: /],
    [{ kind: 'http-503', count: -1 }, /^count: /],
    [{ kind: 'http-503', count: 1.5 }, /^count: /],
    [{ kind: 'http-503', count: 10_001 }, /^count: /],
  ];
  for (const [body, message] of bad) {
    const response = await order(provider, body);
    const { error, error_description } = (await response.json()) as Record<string, string>;
    assert.deepEqual([response.status, error], [400, 'invalid_request'], JSON.stringify(body));
    assert.match(`${error_description}`, message);
    assert.doesNotMatch(`${error_description}`, /fake-sentinel/);
  }
  assert.equal((await provider.refresh(await provider.grant())).status, 200);
});
