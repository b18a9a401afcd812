import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import middy from '@middy/core';
import type { Context as LambdaContext } from 'aws-lambda';
import fc from 'fast-check';
import { READ_ROUTE, REFUSED_ROUTE } from '../../../functions/http-messages.ts';
import { answerError } from '../../../functions/middleware/answer-error.ts';
import { describeReadError, type ServeContext, serveRead } from '../../../functions/serve-read.ts';
import { VERSION } from '../../../shared/config/version.ts';
import { errorFields, type Log, silentLog } from '../../../shared/log/log.ts';
import { RefreshServiceError } from '../../../shared/refresh-service/refresh-service.ts';
import { ReadWorld } from '../read/read-world.ts';

describe('both doors of the read function', () => {
  it('answer whatever is asked with a problem, or with the token of the credential in the path', async () => {
    const world = await twoCredentials();
    const ask = door(world.context);
    const statuses = new Map<number, number>();

    await fc.assert(
      fc.asyncProperty(anyHttpEvent(), async (event) => {
        const { statusCode, headers, body = '' } = (await ask(event)) as Answer;

        const said = JSON.stringify([headers, body]);
        const ofPath = { '/tokens/acme': 'fake-access-1', '/tokens/other': 'fake-access-7' };
        const token = Object.entries(ofPath).find(([path]) =>
          [path, `${path}/refused`].includes(event.rawPath),
        );
        for (const secret of ['fake-access-1', 'fake-access-7']) {
          if (secret !== token?.[1]) assert.ok(!said.includes(secret), `${secret} at ${event.rawPath}`);
        }
        assert.ok([200, 304, 400, 404, 422, 503].includes(statusCode), String(statusCode));
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
        if (statusCode >= 400) assertProblem(statusCode, headers, body);
        if (statusCode === 200) assert.equal(JSON.parse(body).access_token, token?.[1]);
      }),
      { numRuns: 1000 },
    );

    for (const status of [200, 304, 400])
      assert.ok((statuses.get(status) ?? 0) > 10, `${status} was hardly met`);
  });

  it('say of themselves at a direct invoke what they cannot read, and give no token for it', async () => {
    const world = await twoCredentials();
    const ask = door(world.context);
    const at = new Date(world.clock.nowMs()).toISOString();
    assert.deepEqual(await ask({ examine: true }), { version: VERSION, at });
    world.away.ledger = true;
    world.away.vault = true;
    assert.deepEqual(await ask({ examine: true }), {
      version: VERSION,
      at,
      ledger: 'store-unavailable',
      ring: 'store-unavailable',
    });
  });

  it('answer any direct invoke with a token or a stable code', async () => {
    const ask = door((await twoCredentials()).context);
    const member = fc.oneof(fc.anything(), fc.constantFrom('acme', 'other', '../acme', 'ACME'), fc.integer());
    const request = fc.record(
      { credential: member, min_ttl: member, refused_generation: member },
      { requiredKeys: [] },
    );

    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), request), async (event) => {
        const answer = (await ask(event)) as {
          access_token?: string;
          error?: { code: string; message: string };
        };
        if (answer.error) {
          assert.match(answer.error.code, /^[a-z-]+$/);
          assert.doesNotMatch(answer.error.message, STACK);
        } else {
          const expected =
            (event as { credential: string }).credential === 'acme' ? 'fake-access-1' : 'fake-access-7';
          assert.equal(answer.access_token, expected);
        }
      }),
    );
  });

  it('say that a part is away, and when to ask again, and log no more than which', async () => {
    const world = await twoCredentials();
    const logged: unknown[] = [];
    const log = { ...silentLog, error: (message: string, fields = {}) => logged.push([message, fields]) };
    const ask = door(world.context, log);
    world.away.ledger = true;

    const http = (await ask(httpEvent('/tokens/acme', { credential: 'acme' }))) as Answer;
    const direct = (await ask({ credential: 'acme' })) as { error: object };

    assert.equal(http.statusCode, 503);
    assert.equal(http.headers['retry-after'], '5');
    assertProblem(503, http.headers, http.body ?? '');
    assert.deepEqual(direct.error, {
      code: 'provider-unavailable',
      message: 'A part that Renova depends on does not answer. Ask again in 5 seconds.',
      retry_after: 5,
    });
    const failed = ['read failed', { error: 'StoreUnavailableError', code: 'store-unavailable' }];
    assert.deepEqual(logged, [failed, failed]);
  });

  it('say the same of an error that nobody thought of', async () => {
    const world = await twoCredentials();
    const surprise = new TypeError('fake-access-1 at /somewhere/file.ts:12');
    const ledger = { load: () => Promise.reject(surprise) };
    const logged: unknown[] = [];
    const log = { ...silentLog, error: (_: string, fields = {}) => logged.push(fields) };

    const { statusCode, body = '' } = (await door(
      { ...world.context, ledger },
      log,
    )(httpEvent('/tokens/acme', { credential: 'acme' }))) as Answer;

    assert.equal(statusCode, 503);
    assert.doesNotMatch(body + JSON.stringify(logged), /fake-access|somewhere/);
    assert.deepEqual(logged, [errorFields(surprise)]);
  });

  it('tell a failing refresh function from a provider that is only slow', async () => {
    const world = await twoCredentials();
    world.onRefresh = () => Promise.reject(new RefreshServiceError('it failed'));
    await world.clock.advance(3_600_000);
    const { statusCode, body = '' } = (await door(world.context)(
      httpEvent('/tokens/acme', { credential: 'acme' }),
    )) as Answer;
    assert.equal(statusCode, 503);
    assert.equal(JSON.parse(body).code, 'provider-unavailable');
  });
});

/** Both doors, with the answers to errors that `functions/read.ts` gives. */
function door(context: ServeContext, log: Log = silentLog): (event: unknown) => Promise<unknown> {
  const handler = middy(serveRead(context)).use(
    answerError((error, event) => describeReadError(log, error, event)),
  );
  return async (event) => handler(event, {} as LambdaContext);
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const STACK = /\n\s+at |node_modules|\.ts:\d|Error:/;

function assertProblem(status: number, headers: Answer['headers'], body: string): void {
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal(headers['cache-control'], 'no-store');
  const problem = JSON.parse(body);
  assert.equal(problem.status, status);
  assert.match(problem.code, /^[a-z-]+$/);
  assert.doesNotMatch(body, STACK);
  if (status === 503) assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/);
}

/** `acme` with the token `fake-access-1` and `other` with `fake-access-7`. */
async function twoCredentials(): Promise<ReadWorld> {
  const world = new ReadWorld();
  await world.set();
  await world.set({ credential: 'other', generation: 7 });
  return world;
}

function httpEvent(rawPath: string, pathParameters: Record<string, string>) {
  return { version: '2.0', routeKey: READ_ROUTE, rawPath, pathParameters };
}

/** Requests that are understood, with up to three members replaced: farther ones all end at the first check. */
function anyHttpEvent() {
  const long = fc.string({ minLength: 2000, maxLength: 3000 });
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), long);
  const near = (...values: string[]) => fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...values) }, text);
  const texts = (...names: string[]) =>
    fc.dictionary(fc.constantFrom(...names, '__proto__', ''), near('1', '60', '"1"', '*'));
  const members = {
    version: fc.anything(),
    routeKey: near(READ_ROUTE, REFUSED_ROUTE, '$default'),
    rawPath: near(...PATHS),
    pathParameters: fc.record({
      credential: near('acme', 'other', 'ACME', '%61cme', '../acme', '__proto__'),
    }),
    headers: texts('if-none-match', 'content-type'),
    queryStringParameters: texts('min_ttl', 'MIN_TTL'),
    body: near('{"generation":1}', '{"generation":2}', '{"generation":"1"}', 'eyJnZW5lcmF0aW9uIjoxfQ=='),
    isBase64Encoded: fc.boolean(),
  };
  const refused = { ...httpEvent('/tokens/acme/refused', { credential: 'acme' }), routeKey: REFUSED_ROUTE };
  const acme = httpEvent('/tokens/acme', { credential: 'acme' });
  const understood = fc.constantFrom(
    acme,
    { ...acme, headers: { 'if-none-match': '"1"' } },
    httpEvent('/tokens/other', { credential: 'other' }),
    { ...refused, body: '{"generation":1}' },
  );
  const names = fc.subarray(Object.keys(members), { maxLength: 3 });
  return fc
    .tuple(understood, names, fc.record(members))
    .map(([event, replaced, other]) => ({ ...event, ...pick(other, replaced) }));
}

const PATHS = [
  '/tokens/acme',
  '/tokens/other',
  '/tokens/acme/refused',
  '/tokens/%61cme',
  '/tokens/acme/',
  '/tokens//acme',
  '/Tokens/acme',
  '/tokens/other/../acme',
];

function pick(from: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
