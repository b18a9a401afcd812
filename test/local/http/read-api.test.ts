import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { serve } from '../../../local/http/http-server.ts';
import { readApi } from '../../../local/http/read-api.ts';
import type { InvocationResult } from '../../../local/lambda/function-container.ts';

const OK = {
  statusCode: 200,
  headers: { etag: '"3"', 'content-type': 'application/json' },
  body: '{"generation":3}',
};

async function runApi(context: TestContext, answer: unknown = OK, failed = false) {
  // biome-ignore lint/suspicious/noExplicitAny: the event as the handler sees it, looked into by the tests
  const seen: any[] = [];
  const api = readApi({
    invokeRead: async (event): Promise<InvocationResult> => {
      seen.push(JSON.parse(event));
      return { payload: JSON.stringify(answer), failed };
    },
    health: () => ({ env: 'prd', scale: 1 }),
    events: () => [{ id: 'fake-event-1' }],
    nowMs: () => Date.UTC(2026, 0, 1),
  });
  const server = await serve(api, 0, '--api-port');
  context.after(() => server.close());
  return { url: server.url, port: server.port, seen };
}

describe('the read API', () => {
  test('hands a read on as an event of payload format 2.0', async (context) => {
    const { url, seen } = await runApi(context);
    const response = await fetch(`${url}/tokens/a.b?min_ttl=60&x=1&x=2`, {
      headers: { 'If-None-Match': '"2"' },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('etag'), '"3"');
    assert.deepEqual(await response.json(), { generation: 3 });
    const [event] = seen;
    assert.equal(event.version, '2.0');
    assert.equal(event.routeKey, 'GET /tokens/{credential}');
    assert.equal(event.rawPath, '/tokens/a.b');
    assert.equal(event.rawQueryString, 'min_ttl=60&x=1&x=2');
    assert.deepEqual(event.queryStringParameters, { min_ttl: '60', x: '1,2' });
    assert.deepEqual(event.pathParameters, { credential: 'a.b' });
    assert.equal(event.headers['if-none-match'], '"2"');
    assert.equal(event.requestContext.http.method, 'GET');
    assert.equal(event.requestContext.timeEpoch, Date.UTC(2026, 0, 1));
    assert.equal(event.isBase64Encoded, false);
    assert.equal('body' in event, false);
  });

  test('hands a report of a refused token on with its body, text as text and the rest in Base64', async (context) => {
    const { url, seen } = await runApi(context);
    const body = '{"generation":2}';
    const types = ['application/json', 'application/octet-stream'];
    for (const type of types) {
      const path = `${url}/tokens/acme/refused`;
      await fetch(path, { method: 'POST', body, headers: { 'content-type': type } });
    }
    assert.deepEqual(
      seen.map(({ routeKey, isBase64Encoded }) => ({ routeKey, isBase64Encoded })),
      [
        { routeKey: 'POST /tokens/{credential}/refused', isBase64Encoded: false },
        { routeKey: 'POST /tokens/{credential}/refused', isBase64Encoded: true },
      ],
    );
    assert.equal(seen[0].body, body);
    assert.equal(Buffer.from(seen[1].body, 'base64').toString(), body);
  });

  test('writes a 304 without a body', async (context) => {
    const { url } = await runApi(context, { statusCode: 304, headers: { etag: '"3"' } });
    const response = await fetch(`${url}/tokens/acme`);
    assert.deepEqual([response.status, await response.text()], [304, '']);
  });

  const broken: [string, unknown, boolean][] = [
    ['throws', { errorType: 'RangeError', errorMessage: 'fake failure' }, true],
    ['returns no HTTP answer', { statusCode: 'two hundred' }, false],
    ['returns nothing', null, false],
  ];
  for (const [what, answer, failed] of broken) {
    test(`a read function that ${what} is a 500 that tells nothing of it`, async (context) => {
      const { url } = await runApi(context, answer, failed);
      const response = await fetch(`${url}/tokens/acme`);
      assert.equal(response.status, 500);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      const { code, detail } = (await response.json()) as { code: string; detail: string };
      assert.equal(code, 'internal');
      assert.doesNotMatch(detail, /fake/);
    });
  }

  test('GET /healthz and GET /events answer without the read function', async (context) => {
    const { url, seen } = await runApi(context);
    assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), { status: 'ok', env: 'prd', scale: 1 });
    assert.deepEqual(await (await fetch(`${url}/events`)).json(), { events: [{ id: 'fake-event-1' }] });
    assert.deepEqual(seen, []);
  });

  test('answers in whole lines, so that the prompt after a curl begins on the next', async (context) => {
    const { url } = await runApi(context);
    for (const path of ['/healthz', '/events', '/tokens']) {
      assert.match(await (await fetch(url + path)).text(), /^\{.*\}\n$/, path);
    }
  });

  const refused: [string, string, number, string][] = [
    ['GET', '/', 404, 'unknown-route'],
    ['GET', '/tokens', 404, 'unknown-route'],
    ['GET', '/tokens/a/b', 404, 'unknown-route'],
    ['DELETE', '/tokens/acme', 404, 'unknown-route'],
    ['GET', '/tokens/acme/refused', 404, 'unknown-route'],
    ['GET', '/tokens/%zz', 400, 'invalid-request'],
  ];
  for (const [method, path, status, code] of refused) {
    test(`${method} ${path} is a problem ${status} ${code}`, async (context) => {
      const { url, seen } = await runApi(context);
      const response = await fetch(url + path, { method });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      assert.equal(((await response.json()) as { code: string }).code, code);
      assert.deepEqual(seen, []);
    });
  }

  test('takes no path that could be written in another way', async (context) => {
    const { port, seen } = await runApi(context);
    const paths = [
      '/tokens/%61cme',
      '/tokens/acme%2Frefused',
      '/tokens/x/../acme',
      '/tokens/./acme',
      '/./tokens/acme',
      '//tokens/acme',
      '/tokens//acme',
      '/tokens/x/%2e%2e/acme',
      '/tokens\\acme',
      '/tokens/acme/',
      '/TOKENS/acme',
      '/tokens/acme/REFUSED',
      '/tokens/acme#x',
      '/tokens/acme?min_ttl=1#x',
      '/healthz#x',
    ];
    // Asked for as they are: `fetch` would tidy them up.
    for (const path of paths) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const asked = request({ port, host: '127.0.0.1', path }, (response) => {
          text(response).then(() => resolve(response.statusCode), reject);
        });
        asked.on('error', reject).end();
      });
      assert.ok(status === 400 || status === 404, `${path}: ${status}`);
    }
    assert.deepEqual(seen, []);
  });

  const HOST = 'Host: localhost\r\n';
  const unread: [what: string, request: string, status: number][] = [
    ['a path that is not ASCII', `GET /tokens/é HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['an unknown method', `FETCH /tokens/acme HTTP/1.1\r\n${HOST}\r\n`, 400],
    [
      'a body of two lengths',
      `POST /tokens/acme/refused HTTP/1.1\r\n${HOST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['no Host', 'GET /tokens/acme HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['headers over 16 KiB', `GET /tokens/acme HTTP/1.1\r\n${HOST}X: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['an expectation', `POST /tokens/acme/refused HTTP/1.1\r\n${HOST}Expect: foo\r\n\r\n`, 417],
    ['CONNECT', `CONNECT localhost:443 HTTP/1.1\r\n${HOST}\r\n`, 405],
  ];
  for (const [what, sent, status] of unread) {
    test(`answers ${what} with a problem ${status}, and ends the connection`, async (context) => {
      const { port, seen } = await runApi(context);
      const socket = connect(port, '127.0.0.1');
      socket.write(sent);
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(head, /\r\ncontent-type: application\/problem\+json\r\n/i);
      const { code, detail } = JSON.parse(body);
      assert.equal(code, 'invalid-request');
      assert.notEqual(detail, '');
      assert.deepEqual(seen, []);
    });
  }

  test('reads a body of 1 MiB and refuses one byte more', async (context) => {
    const { url, seen } = await runApi(context);
    const post = (bytes: number) =>
      fetch(`${url}/tokens/acme/refused`, { method: 'POST', body: 'x'.repeat(bytes) });
    assert.equal((await post(2 ** 20)).status, 200);
    assert.equal((await post(2 ** 20 + 1)).status, 413);
    assert.equal(seen.length, 1);
  });

  test('refuses a web page that gave its own name this address', async (context) => {
    const { port, seen } = await runApi(context);
    const answers = ['attacker.example', 'localhost'].map(
      (host) =>
        new Promise<number | undefined>((resolve, reject) => {
          const asked = request(
            { port, host: '127.0.0.1', path: '/tokens/acme', headers: { host } },
            (response) => {
              text(response).then(() => resolve(response.statusCode), reject);
            },
          );
          asked.on('error', reject).end();
        }),
    );
    assert.deepEqual(await Promise.all(answers), [403, 200]);
    assert.equal(seen.length, 1);
  });
});
