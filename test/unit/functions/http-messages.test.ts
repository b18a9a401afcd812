import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type HttpEvent,
  isHttp,
  parseHttp,
  problemResponse,
  READ_ROUTE,
  REFUSED_ROUTE,
  tokenResponse,
} from '../../../functions/http-messages.ts';
import { ReadError } from '../../../shared/read/read-error.ts';
import { renderToken } from '../../../shared/read/read-messages.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { AT_MS, aPair } from '../../support/records.ts';

const get = (more: Partial<HttpEvent> = {}): HttpEvent => ({
  version: '2.0',
  routeKey: READ_ROUTE,
  rawPath: '/tokens/acme',
  headers: {},
  queryStringParameters: {},
  pathParameters: { credential: 'acme' },
  isBase64Encoded: false,
  requestContext: {},
  ...more,
});
const refused = (body: string | undefined, isBase64Encoded = false) =>
  get({ routeKey: REFUSED_ROUTE, rawPath: '/tokens/acme/refused', body, isBase64Encoded });
const requestOf = (event: unknown) => parseHttp(event).request;

describe('an HTTP request for a token', () => {
  it('is told from a direct invoke, whatever its form', () => {
    for (const event of [get(), { routeKey: READ_ROUTE }, { requestContext: null }]) {
      assert.equal(isHttp(event), true);
    }
    for (const event of [{ credential: 'acme' }, null, undefined, 'routeKey', ['routeKey']]) {
      assert.equal(isHttp(event), false);
    }
  });

  it('of another form is refused as such', () => {
    for (const event of [
      { routeKey: READ_ROUTE },
      get({ version: '1.0' as '2.0' }),
      { ...get(), headers: 1 },
    ]) {
      assertInvalid(event, 'request');
    }
  });

  it('is refused unless its path is written exactly like the route', () => {
    const paths = [
      '/tokens/%61cme',
      '/tokens/acme/',
      '//tokens/acme',
      '/tokens//acme',
      '/TOKENS/acme',
      '/tokens/ACME',
      '/tokens/./acme',
      '/tokens/x/../acme',
      '/tokens/acme;v=1',
      '/tokens/acme%00',
      '/tokens/acme%2Frefused',
      '/tokens/acme/refused',
      '/prd/tokens/acme',
      '/tokens/acme2',
      '/tokens',
      '',
    ];
    for (const rawPath of paths) assertInvalid(get({ rawPath }), 'path');
    for (const rawPath of ['/tokens/acme', '/tokens/acme/refused/', '/tokens/acme/Refused']) {
      assertInvalid({ ...refused('{"generation":1}'), rawPath }, 'path');
    }
    assertInvalid(get({ routeKey: '$default' }), 'path');
  });

  it('may have the key of an API mapping before its path when it came by a custom domain', () => {
    const requestContext = { domainName: 'api.bank.example' };
    for (const key of ['', '/renova', '/banking/v1']) {
      assert.equal(requestOf(get({ rawPath: `${key}/tokens/acme`, requestContext })).credential, 'acme');
      const report = {
        ...refused('{"generation":1}'),
        rawPath: `${key}/tokens/acme/refused`,
        requestContext,
      };
      assert.equal(requestOf(report).refusedGeneration, 1);
    }
    const rawPaths = [
      '/renova//tokens/acme',
      '/renova/../tokens/acme',
      '/%61/tokens/acme',
      'renova/tokens/acme',
    ];
    for (const rawPath of [...rawPaths, '/renova/tokens/%61cme', '/renova/tokens/acme/']) {
      assertInvalid(get({ rawPath, requestContext }), 'path');
    }
  });

  it('has nothing before its path when it came by the host of the API itself', () => {
    const requestContext = { domainName: 'abcde12345.execute-api.eu-west-1.amazonaws.com' };
    assertInvalid(get({ rawPath: '/renova/tokens/acme', requestContext }), 'path');
    assert.equal(requestOf(get({ requestContext })).credential, 'acme');
  });

  it('names the credential in its path, and may ask for a time to live in whole seconds', () => {
    assert.equal(requestOf(get()).credential, 'acme');
    assert.equal(requestOf(get()).minTtlMs, undefined);
    assert.equal(requestOf(get({ queryStringParameters: { min_ttl: '60' } })).minTtlMs, 60_000);
    assert.equal(requestOf(get({ queryStringParameters: { min_ttl: '0' } })).minTtlMs, 0);
  });

  it('is refused, naming the member, when it cannot be understood', () => {
    for (const min_ttl of ['', '-1', '1.5', '1e3', ' 1', '0x1', 'NaN', '1234567890', '1,2']) {
      assertInvalid(get({ queryStringParameters: { min_ttl } }), 'min_ttl');
    }
    for (const credential of [undefined, '', 'A', 'a/b', '..', 'a'.repeat(65)]) {
      assertInvalid(get({ pathParameters: { credential } }), 'credential');
    }
  });

  it('reports a refused generation in its body, plain or in base64', () => {
    assert.equal(requestOf(refused('{"generation": 12}')).refusedGeneration, 12);
    const encoded = Buffer.from('{"generation": 13}').toString('base64');
    assert.equal(requestOf(refused(encoded, true)).refusedGeneration, 13);
  });

  it('must say which generation was refused', () => {
    const bodies = [
      '',
      '{}',
      'null',
      '[]',
      '[12]',
      '12',
      '{"generation": "12"}',
      '{"generation": 1.5}',
      '{"generation": -1}',
      '{"generation": 99999999999999999999}',
      '{',
    ];
    for (const body of [undefined, ...bodies, '{"generation": null}']) {
      assertInvalid(refused(body), 'generation');
    }
  });

  it('is refused for its length when its body has more than 1024 bytes, plain or in base64', () => {
    const ofBytes = (bytes: number) => `{"generation": 12, "é": ""}`.padEnd(bytes - 1);
    assert.equal(Buffer.byteLength(ofBytes(1024)), 1024);
    const encoded = (body: string) => refused(Buffer.from(body).toString('base64'), true);
    for (const event of [refused(ofBytes(1024)), encoded(ofBytes(1024))]) {
      assert.equal(requestOf(event).refusedGeneration, 12);
    }
    for (const event of [refused(ofBytes(1025)), encoded(ofBytes(1025))]) assertInvalid(event, 'body');
  });
});

describe('the HTTP response with a token', () => {
  const pair = aPair();
  const respond = (nowMs: number, ifNoneMatch?: string, event = get()) =>
    tokenResponse(
      { ...event, headers: ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch } },
      renderToken({ accessToken: new Secret('fake-access-1'), pair }, nowMs),
      pair.refreshAfterMs,
      nowMs,
    );

  it('may be held for whole seconds until refresh_after, and not at all past it', () => {
    const maxAge = (nowMs: number) => respond(nowMs).headers['cache-control'];
    assert.equal(maxAge(AT_MS), 'private, max-age=150');
    assert.equal(maxAge(AT_MS + 1), 'private, max-age=149');
    assert.equal(maxAge(pair.refreshAfterMs - 999), 'private, max-age=0');
    assert.equal(maxAge(pair.refreshAfterMs), 'private, max-age=0');
    assert.equal(maxAge(pair.expiresAtMs + 1), 'private, max-age=0');
  });

  it('is JSON under the tag of its generation', () => {
    const { statusCode, headers, body } = respond(AT_MS);
    assert.equal(statusCode, 200);
    assert.equal(headers.etag, '"1"');
    assert.equal(headers['content-type'], 'application/json');
    assert.match(body ?? '', /^\{.*\}\n$/);
    assert.equal(JSON.parse(body ?? '').access_token, 'fake-access-1');
  });

  it('is 304 and has no body for a caller that has this generation', () => {
    for (const tag of ['"1"', 'W/"1"', '"0", "1"', '*']) {
      const { statusCode, headers, body } = respond(AT_MS, tag);
      assert.equal(statusCode, 304, tag);
      assert.equal(body, undefined);
      assert.equal(headers.etag, '"1"');
      assert.equal(headers['cache-control'], 'private, max-age=150');
    }
  });

  it('is the token for a caller that has another generation', () => {
    for (const tag of ['"2"', '"11"', '1', '', '"0", "2"', 'W/*', '"0", W/*']) {
      assert.equal(respond(AT_MS, tag).statusCode, 200, tag);
    }
  });

  it('is the token for whoever reports one as refused, though the tag fits', () => {
    assert.equal(respond(AT_MS, '"1"', refused('{"generation":0}')).statusCode, 200);
  });
});

describe('the HTTP response without a token', () => {
  it('is a problem with a stable code (RFC 9457), never cached', () => {
    const { statusCode, headers, body } = problemResponse(ReadError.lapsed('acme'));
    assert.equal(statusCode, 409);
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal('retry-after' in headers, false);
    assert.match(body ?? '', /^\{.*\}\n$/);
    const { detail, ...rest } = JSON.parse(body ?? '');
    assert.deepEqual(rest, {
      type: 'about:blank',
      title: 'credential lapsed',
      status: 409,
      code: 'credential-lapsed',
    });
    assert.match(detail, /renova reseed acme/);
  });

  it('says in whole seconds when to ask again', () => {
    const retryAfter = (waitMs: number) =>
      problemResponse(ReadError.refreshPending('acme', waitMs)).headers['retry-after'];
    assert.equal(retryAfter(1001), '2');
    assert.equal(retryAfter(1000), '1');
    assert.equal(retryAfter(0), '1');
  });
});

function assertInvalid(event: unknown, field: string): void {
  assert.throws(
    () => parseHttp(event),
    (error: unknown) => {
      assert.ok(error instanceof ReadError);
      assert.equal(error.code, 'invalid-request');
      assert.match(error.message, new RegExp(`^${field}: expected `));
      return true;
    },
  );
}
