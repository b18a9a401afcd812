import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createTokenSource, TokenError } from '../../../client/index.ts';
import { FakeReadApi } from './fake-read-api.ts';

const RESOURCE = 'https://resource.example/charges';

describe('fetch with a token', () => {
  it('adds it as a bearer token, and leaves the rest of the request as it is', async () => {
    const { source, sent } = open(['fake-access-1']);
    await source.fetch(RESOURCE, { method: 'POST', body: 'x', headers: { 'x-id': '7' } });
    const request = { method: 'POST', body: 'x', id: '7', userAgent: null };
    assert.deepEqual(sent, [{ authorization: 'Bearer fake-access-1', ...request }]);
  });

  it('reports a token that the provider refuses, and sends the request once more with the next', async () => {
    const { api, source, sent } = open(['fake-access-2']);
    await source.getToken();
    api.answer = () => api.token(2);
    const response = await source.fetch(RESOURCE, { method: 'POST', body: 'x' });
    assert.equal(response.status, 200);
    assert.deepEqual(
      sent.map(({ authorization, body }) => [authorization, body]),
      [
        ['Bearer fake-access-1', 'x'],
        ['Bearer fake-access-2', 'x'],
      ],
    );
    const report = api.asked[1];
    assert.equal(report?.url, 'https://api.example/tokens/acme/refused');
    assert.deepEqual([report?.init.method, report?.init.body], ['POST', '{"generation":1}']);
  });

  it('reports once for any number of requests that were refused together', async () => {
    const { api, source } = open(['fake-access-2']);
    await source.getToken();
    api.answer = () => api.token(2);
    const responses = await Promise.all(Array.from({ length: 20 }, () => source.fetch(RESOURCE)));
    assert.ok(responses.every(({ status }) => status === 200));
    assert.equal(api.asked.length, 2);
  });

  it('returns the 401 when there is no later token, and reports the same one no more', async () => {
    const { api, source, sent } = open([]);
    assert.equal((await source.fetch(RESOURCE)).status, 401);
    assert.equal((await source.fetch(RESOURCE)).status, 401);
    assert.equal(sent.length, 2);
    assert.equal(api.asked.filter(({ init }) => init.method === 'POST').length, 1);
  });

  it('returns the 401 when the report fails, and the second one when the next token is refused too', async () => {
    const { api, source, sent } = open([]);
    await source.getToken();
    api.answer = () => api.problem(503, 'provider-unavailable', 5);
    assert.equal((await source.fetch(RESOURCE)).status, 401);
    assert.equal(sent.length, 1);
    api.answer = () => api.token(api.asked.length);
    assert.equal((await source.fetch(RESOURCE)).status, 401);
    assert.equal(sent.length, 3);
  });

  it('asks before it sends a token again whose report failed', async () => {
    const { api, source, sent } = open(['fake-access-2']);
    await source.getToken();
    api.answer = () => api.problem(503, 'provider-unavailable');
    assert.equal((await source.fetch(RESOURCE)).status, 401);
    api.answer = () => api.token(2);
    assert.equal((await source.fetch(RESOURCE)).status, 200);
    assert.deepEqual(
      sent.map(({ authorization }) => authorization),
      ['Bearer fake-access-1', 'Bearer fake-access-2'],
    );
  });

  it('sends the registered User-Agent, unless the request has its own', async () => {
    const { api, source, sent } = open(['fake-access-1']);
    api.answer = () => api.token(1, { user_agent: 'BANK-CODE-7' });
    await source.fetch(RESOURCE);
    await source.fetch(RESOURCE, { headers: { 'user-agent': 'BANK-CODE-7 charges/2' } });
    assert.deepEqual(
      sent.map(({ userAgent }) => userAgent),
      ['BANK-CODE-7', 'BANK-CODE-7 charges/2'],
    );
  });

  it('shows no token that cannot be sent', async () => {
    const { api, source, sent } = open([]);
    for (const bad of ['fake-access-1\n', 'fake\u0000access', 'fake-access-\u20ac']) {
      api.answer = () => api.token(1, { access_token: bad });
      const told = await source.fetch(RESOURCE).catch((error: unknown) => error);
      assert.ok(told instanceof TokenError);
      assert.equal(told.code, 'unusable-token');
      assert.doesNotMatch(inspect(told, { depth: 9, showHidden: true }), /fake.access/);
    }
    assert.equal(sent.length, 0);
  });

  it('gives up waiting for a report when its caller does, and holds what comes of it', async () => {
    const { api, source, sent } = open([]);
    await source.getToken();
    let answer: (response: Response) => void = () => undefined;
    const reported = new Promise<void>((resolve) => {
      api.answer = () => {
        resolve();
        return new Promise((answered) => (answer = answered));
      };
    });
    const impatient = new AbortController();
    const given = source.fetch(RESOURCE, { signal: impatient.signal });
    await reported;
    impatient.abort();
    await assert.rejects(given, { name: 'AbortError' });
    answer(api.token(2));
    await new Promise(setImmediate);
    assert.equal((await source.getToken()).generation, 2);
    assert.equal(sent.length, 1);
  });

  it('does not send a stream twice', async () => {
    const { api, source, sent } = open(['fake-access-2']);
    await source.getToken();
    api.answer = () => api.token(2);
    const body = () => new Blob(['x']).stream();
    assert.equal(
      (await source.fetch(RESOURCE, { method: 'POST', body: body(), duplex: 'half' })).status,
      401,
    );
    assert.equal(sent.length, 1);
    assert.equal(
      (await source.fetch(RESOURCE, { method: 'POST', body: body(), duplex: 'half' })).status,
      200,
    );
  });

  it('sends no token in clear, but to this machine', async () => {
    const { source, sent } = open(['fake-access-1']);
    await assert.rejects(source.fetch('http://resource.example/'), { code: 'insecure-url' });
    assert.equal(sent.length, 0);
    assert.equal((await source.fetch('http://127.0.0.1:4702/resource')).status, 200);
  });
});

interface Sent {
  readonly authorization: string | null;
  readonly method: string;
  readonly body: string;
  readonly id: string | null;
  readonly userAgent: string | null;
}

/** A resource that takes the tokens of `alive` and no other. */
function open(alive: readonly string[]) {
  const api = new FakeReadApi();
  const sent: Sent[] = [];
  const resourceFetch = async (input: Parameters<typeof fetch>[0]): Promise<Response> => {
    assert.ok(input instanceof Request);
    const authorization = input.headers.get('authorization');
    sent.push({
      authorization,
      method: input.method,
      body: await input.text(),
      id: input.headers.get('x-id'),
      userAgent: input.headers.get('user-agent'),
    });
    return new Response(null, { status: alive.includes(authorization?.slice(7) ?? '') ? 200 : 401 });
  };
  const source = createTokenSource({
    via: 'read-api',
    credential: 'acme',
    url: 'https://api.example',
    fetch: api.fetch,
    nowMs: api.clock,
    resourceFetch,
  });
  return { api, source, sent };
}
