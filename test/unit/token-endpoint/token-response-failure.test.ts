import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import { assertNothingLeaks, classify, revealed, SECRETS, tokenBody } from './fixtures.ts';

const json = (error: unknown, more = {}) => JSON.stringify({ error, ...more });
const HTML = '<!doctype html><title>Access denied</title>';
const REDIRECT = { location: 'https://elsewhere.example/' };

type Row = [
  kind: Outcome['kind'],
  reason: string,
  status: number,
  body: string,
  headers?: IncomingHttpHeaders,
];

const TABLE: Record<string, Row> = {
  'invalid_grant in JSON': ['refused-grant', 'invalid_grant', 400, json('invalid_grant')],
  'invalid_grant with 401': ['refused-grant', 'invalid_grant', 401, json('invalid_grant')],
  'invalid_grant, form-encoded': [
    'refused-grant',
    'invalid_grant',
    400,
    'error=invalid_grant&error_description=x',
  ],
  'invalid_grant, form-encoded, whatever its description says': [
    'refused-grant',
    'invalid_grant',
    400,
    'error=invalid_grant&error_description=not+invalid_client',
  ],
  'invalid_grant, form-encoded in a 200': ['refused-grant', 'invalid_grant', 200, 'error=invalid_grant'],
  'invalid_grant in plain text': ['refused-grant', 'invalid_grant', 400, 'Error: invalid_grant.'],
  'invalid_grant in capitals': ['refused-grant', 'invalid_grant', 400, json('INVALID_GRANT')],
  'invalid_grant inside another form of error': [
    'refused-grant',
    'invalid_grant',
    400,
    JSON.stringify({ error: { code: 'invalid_grant' } }),
  ],
  'invalid_grant in WWW-Authenticate': [
    'refused-grant',
    'invalid_grant',
    401,
    '',
    { 'www-authenticate': 'Bearer realm="x", error="invalid_grant"' },
  ],
  'invalid_grant whose description is cut off': [
    'refused-grant',
    'invalid_grant',
    400,
    '{"error":"invalid_grant","e',
  ],
  'invalid_grant in a 200': ['refused-grant', 'invalid_grant', 200, json('invalid_grant')],
  invalid_client: ['refused-client', 'invalid_client', 401, json('invalid_client')],
  'invalid_client, whatever its description says': [
    'refused-client',
    'invalid_client',
    400,
    json('invalid_client', { error_description: 'this is not invalid_grant' }),
  ],
  unauthorized_client: ['refused-client', 'unauthorized_client', 400, json('unauthorized_client')],
  invalid_request: ['refused-client', 'invalid_request', 400, json('invalid_request')],
  invalid_scope: ['refused-client', 'invalid_scope', 400, json('invalid_scope')],
  unsupported_grant_type: ['refused-client', 'unsupported_grant_type', 400, json('unsupported_grant_type')],
  'an error in a 200': ['refused-client', 'invalid_client', 200, json('invalid_client')],
  'a 403': ['refused-client', 'http-403', 403, HTML],
  'a 403 that names the grant': ['refused-client', 'invalid_grant', 403, json('invalid_grant')],
  'a 401 without a code': ['refused-client', 'http-401', 401, HTML],
  'a 400 without a code': ['refused-client', 'http-400', 400, HTML],
  'a 400 with a code nobody knows': ['refused-client', 'http-400', 400, json('sentinel-error')],
  'a 400 whose code is cut off': ['refused-client', 'http-400', 400, '{"error":"invalid_gran'],
  'a 400 with a word that only contains a code': ['refused-client', 'http-400', 400, 'not_invalid_grant_2'],
  'a 400 that names several codes': ['refused-client', 'http-400', 400, 'invalid_grant or invalid_client'],
  'a 404': ['refused-client', 'http-404', 404, HTML],
  'a 405': ['refused-client', 'http-405', 405, ''],
  'a 408': ['unknown', 'http-408', 408, ''],
  'a 425': ['unknown', 'http-425', 425, ''],
  'server_error with 400': ['unknown', 'server_error', 400, json('server_error')],
  'temporarily_unavailable in a 200': [
    'unknown',
    'temporarily_unavailable',
    200,
    json('temporarily_unavailable'),
  ],
  'an error in a 200 that nobody knows': ['unknown', 'unrecognised-error', 200, json('sentinel-error')],
  'a 500': ['unknown', 'http-500', 500, json('invalid_grant')],
  'a 502': ['unknown', 'http-502', 502, HTML],
  'a 503 that says when': ['unknown', 'http-503', 503, '', { 'retry-after': '30' }],
  'a redirect': ['unknown', 'http-302', 302, tokenBody(), REDIRECT],
  'a redirect that keeps the method': ['unknown', 'http-307', 307, '', REDIRECT],
  'a status that does not exist': ['unknown', 'http-999', 999, tokenBody()],
  'no status': ['unknown', 'http-0', 0, tokenBody()],
  'a 204': ['unknown', 'empty-body', 204, ''],
  'a 200 with an empty body': ['unknown', 'empty-body', 200, ' \r\n'],
  "a 200 with a proxy's page": ['unknown', 'not-json', 200, HTML],
  'a 200 that is a bare value': ['unknown', 'not-json', 200, 'null'],
};

for (const [what, [kind, reason, status, body, headers = {}]] of Object.entries(TABLE)) {
  test(`${what} is ${kind}, ${reason}`, () => {
    const outcome = classify(status, body, { headers });
    assert.deepEqual(outcome, { kind, reason });
    assertNothingLeaks(outcome);
  });
}

for (const status of [300, 302, 400, 401, 403, 404, 408, 425, 429, 500, 503]) {
  test(`no token is taken from a ${status}`, () => {
    for (const body of [
      tokenBody(),
      'access_token=sentinel&refresh_token=sentinel',
      JSON.stringify(tokenBody()),
    ]) {
      const outcome = classify(status, body);
      assert.notEqual(outcome.kind, 'success');
      assert.notEqual(outcome.kind, 'garbled');
      assertNothingLeaks(outcome);
    }
  });
}

test('a 429 is throttled for as long as it says', () => {
  const headers = { 'retry-after': '30' };
  assert.deepEqual(classify(429, '', { headers }), { kind: 'throttled', retryAfterSeconds: 30 });
});

test('a 429 is throttled whatever its body and when it does not say how long', () => {
  assert.deepEqual(revealed(classify(429, json('invalid_grant'))), { kind: 'throttled' });
});

test('an empty 200 that was cut off says by what', () => {
  const outcome = classify(200, '', { cutOffBy: 'answer-deadline' });
  assert.deepEqual(outcome, { kind: 'unknown', reason: 'answer-deadline' });
});

const GARBLED: Record<string, string> = {
  'a page with an example of a token response': `<html>${tokenBody()}</html>`,
  'an object without an access token': json(undefined, { message: 'sentinel' }),
  'an empty object': '{}',
  'an access token deeper down': JSON.stringify({ data: { access_token: 'sentinel' } }),
  'an array of two': `[${tokenBody()},${tokenBody()}]`,
  'a form without its value': 'access_token=',
  'a form with two access tokens': `access_token=sentinel-1&access_token=sentinel-2&refresh_token=sentinel`,
  'a page with a form in a link': `<a href="?access_token=sentinel&refresh_token=sentinel">sentinel</a>`,
  'a sentence that names one': 'your access_token=sentinel is sent to you',
  'JSON inside a JSON string that is cut off': JSON.stringify(tokenBody()).slice(0, -1),
  'an object cut off at once': '{',
  'an object cut off before the refresh token': '{"access_token":"sentinel","expires_in":300',
  'an object cut off inside the refresh token': '{"access_token":"sentinel","refresh_token":"sent',
};

for (const [what, body] of Object.entries(GARBLED)) {
  test(`a 200 with ${what} is garbled and kept as it came`, () => {
    const outcome = classify(200, body);
    assert.deepEqual(revealed(outcome), { kind: 'garbled', body });
    assertNothingLeaks(outcome);
  });
}

for (const body of [
  'access_token=sent',
  'access_token=sentinel&refresh_token=sent',
  'token_type=bearer&access_token=s',
]) {
  test(`a form that was cut off, ${body.replaceAll(/sent.*?(?=&|$)/g, '…')}, is garbled: its last value may not be whole`, () => {
    const outcome = classify(200, body, { cutOffBy: 'connection-closed' });
    assert.deepEqual(revealed(outcome), { kind: 'garbled', body });
  });
}

const HALF_GARBLED: Record<string, string> = {
  'an access token that is empty': tokenBody({ access_token: '' }),
  'an access token that is not a string': tokenBody({ access_token: 17 }),
  'a form without an access token': `refresh_token=${SECRETS.newRefreshToken}&token_type=bearer&access_token=`,
  'an object cut off inside the access token': `{"refresh_token":"${SECRETS.newRefreshToken}","access_token":"sent`,
};

for (const [what, body] of Object.entries(HALF_GARBLED)) {
  test(`a 200 with ${what} is garbled, and its refresh token is not lost`, () => {
    const outcome = classify(200, body);
    assert.deepEqual(revealed(outcome), { kind: 'garbled', body, refreshToken: SECRETS.newRefreshToken });
    assertNothingLeaks(outcome);
  });
}

test('a garbled body that is unpacked to more than is kept is shortened', () => {
  const outcome = classify(200, `{"x":"${'x'.repeat(100_000)}`);
  assert.equal(outcome.kind === 'garbled' && outcome.body.reveal().length, 64 * 1024);
});
