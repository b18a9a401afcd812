import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Secret } from '../../../shared/secret/secret.ts';
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
  'a 403': ['refused', 'http-403', 403, HTML],
  'a 403 that names the grant': ['refused-grant', 'invalid_grant', 403, json('invalid_grant')],
  'a 401 without a code': ['refused', 'http-401', 401, HTML],
  'a 400 without a code': ['refused', 'http-400', 400, HTML],
  'a 400 with a code nobody knows': ['refused', 'http-400', 400, json('sentinel-error')],
  'a 400 whose code is cut off': ['refused', 'http-400', 400, '{"error":"invalid_gran'],
  'a 400 with a word that only contains a code': ['refused', 'http-400', 400, 'not_invalid_grant_2'],
  'a 400 that names several codes': ['refused', 'http-400', 400, 'invalid_grant or invalid_client'],
  'a 404': ['refused', 'http-404', 404, HTML],
  'a 405': ['refused', 'http-405', 405, ''],
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
  'a 500 that names the grant': ['refused-grant', 'invalid_grant', 500, json('invalid_grant')],
  'a 500 without a code': ['unknown', 'http-500', 500, json('sentinel-error')],
  'a 500 whose text names a code': ['unknown', 'http-500', 500, 'invalid_grant'],
  'a 502': ['unknown', 'http-502', 502, HTML],
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

test('a refusal or an error says how long to wait, if the provider does', () => {
  const headers = { 'retry-after': '30' };
  assert.deepEqual(classify(503, '', { headers }), {
    kind: 'unknown',
    reason: 'http-503',
    retryAfterSeconds: 30,
  });
  assert.deepEqual(classify(403, HTML, { headers }), {
    kind: 'refused',
    reason: 'http-403',
    retryAfterSeconds: 30,
  });
});

const OTHER_PAIR = { access_token: 'sentinel-3', refresh_token: 'sentinel-4' };
const GARBLED: Record<string, string> = {
  'two pairs that differ': `[${tokenBody()},${tokenBody(OTHER_PAIR)}]`,
  'two pairs that differ, one after the other': `${tokenBody()}\n${tokenBody(OTHER_PAIR)}`,
  'two pairs that differ, deeper down': JSON.stringify({ one: JSON.parse(tokenBody()), two: OTHER_PAIR }),
  'a form with two access tokens': 'access_token=sentinel-1&access_token=sentinel-2&refresh_token=sentinel',
  'a sentence that holds one': 'your access_token=sentinel is sent to you',
  'a text that explains what an answer looks like': `An example of an answer: ${tokenBody()}`,
  'JSON inside a JSON string that is cut off': JSON.stringify(tokenBody()).slice(0, -1),
  'an object cut off at once': '{',
  'an object cut off in its first name': '{"mess',
  'an object cut off before the refresh token': '{"access_token":"sentinel","expires_in":300',
  'an object cut off inside the refresh token': '{"access_token":"sentinel","refresh_token":"sent',
  'an object cut off deeper down': '{"data":{"access_token":"sentinel"},"x',
  'an array cut off': '[{"a":1},',
  'an access token that is an object': JSON.stringify({ access_token: { value: 'sentinel' } }),
  'an access token, and a refresh token that cannot be read': tokenBody({ refresh_token: { v: 'sentinel' } }),
  'an object of JavaScript': "{access_token:'sentinel',refresh_token:'sentinel'}",
  'a token under a name of its own': JSON.stringify({ bearer_token: 'sentinel' }),
  'tokens in an object of that name': JSON.stringify({ tokens: [{ type: 'access', value: 'sentinel' }] }),
  'an unknown error beside a pair': tokenBody({ error: 'sentinel-error' }),
  'a failure beside a pair': JSON.stringify({ success: false, data: JSON.parse(tokenBody()) }),
  'tokens in a text inside': JSON.stringify({ body: 'access_token=sentinel&refresh_token=sentinel' }),
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
  'an access token that is null, in words': tokenBody({ access_token: 'undefined' }),
  'an access token that is an array': tokenBody({ access_token: ['sentinel'] }),
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

/** Nothing of a pair can be in these: the same token is posted again. */
const TOKENLESS: Record<string, [reason: string, body: string]> = {
  'an empty object': ['no-token', '{}'],
  'an empty array': ['no-token', '[]'],
  'a message': ['no-token', '{"message":"scheduled maintenance"}'],
  'a message about tokens': ['no-token', '{"message":"the access_token endpoint is in maintenance"}'],
  'a status of its own': ['unrecognised-error', '{"status":"error","code":503}'],
  'a failure': ['unrecognised-error', '{"success":false,"code":-1,"msg":"system busy"}'],
  'an error of its own': ['unrecognised-error', '{"Error":"busy"}'],
  'a pending answer': ['no-token', '{"status":"pending"}'],
  'tokens that are null': ['no-token', '{"access_token":null,"refresh_token":null,"expires_in":300}'],
  'a form without a value': ['no-token', 'access_token='],
  'a form about something else': ['no-token', 'status=maintenance&until=12'],
  'a token of another kind': ['no-token', '{"csrf_token":"sentinel","message":"busy"}'],
  'an error that quotes a token': [
    'unrecognised-error',
    '{"error":{"message":"busy","access_token":"sentinel","refresh_token":"sentinel"}}',
  ],
  'the request sent back': [
    'no-token',
    '{"message":"busy","request":{"grant_type":"refresh_token","refresh_token":"sentinel"}}',
  ],
  'an example': ['no-token', '{"message":"busy","example":{"access_token":"sentinel"}}'],
  'a page with a token in its script': ['not-json', `<html><script>var a=${tokenBody()}</script></html>`],
  'a page with a form in a link': [
    'not-json',
    '<a href="?access_token=sentinel&refresh_token=sentinel">x</a>',
  ],
  'a page that begins with blanks': ['not-json', `\r\n  <p>${tokenBody()}</p>`],
  'a page in a JSON string': ['not-json', JSON.stringify(`<html>${tokenBody()}</html>`)],
  'a page after a line of text': ['not-json', `Service\n<!DOCTYPE html><script>${tokenBody()}</script>`],
  'a document in XML': ['not-json', '<?xml version="1.0"?><r><access_token>sentinel</access_token></r>'],
  'a comment and then an answer': ['not-json', `<!-- a proxy --> ${tokenBody()}`],
  'a sentence': ['not-json', 'Service temporarily unavailable'],
  'a sentence about tokens': ['not-json', 'the access_token endpoint is down, refresh_token grants are off'],
  'a sentence in an old encoding': ['not-json', 'Servi\u00e7o em manuten\u00e7\u00e3o'],
  'a sentence in brackets': ['no-token', '[ERROR] system busy'],
  'a sentence in braces': ['not-json', '{maintenance}'],
};

for (const [what, [reason, body]] of Object.entries(TOKENLESS)) {
  test(`a 200 with ${what} is unknown, ${reason}`, () => {
    const outcome = classify(200, Buffer.from(body, what.includes('old encoding') ? 'latin1' : 'utf8'));
    assert.deepEqual(outcome, { kind: 'unknown', reason });
  });
}

test('the refresh token of the request, sent back, is nothing new', () => {
  const posted = new Secret(SECRETS.refreshToken);
  const body = JSON.stringify({ message: 'busy', refresh_token: SECRETS.refreshToken });
  assert.deepEqual(classify(200, body, {}, { refreshToken: posted }), {
    kind: 'unknown',
    reason: 'no-token',
  });
  const withNew = { message: 'busy', data: { refresh_token: SECRETS.newRefreshToken } };
  const outcome = classify(
    200,
    JSON.stringify({ ...withNew, sent: { refresh_token: SECRETS.refreshToken } }),
    {},
    {
      refreshToken: posted,
    },
  );
  assert.ok(outcome.kind === 'garbled');
  assert.equal(outcome.refreshToken?.reveal(), SECRETS.newRefreshToken);
});

for (const bytes of [
  gzipSync(Buffer.alloc(16 * 1024 * 1024, ' ')),
  Buffer.from('0000000000018f3a9c22d71b90', 'hex'),
  Buffer.from(tokenBody(), 'utf16le').swap16().subarray(0, 9),
]) {
  test(`a 200 with ${bytes.length} packed bytes of which no text comes is garbled`, () => {
    assert.equal(classify(200, bytes, { headers: { 'content-encoding': 'gzip' } }).kind, 'garbled');
  });
}

test('a garbled body that is unpacked to more than is kept is shortened', () => {
  const outcome = classify(200, `{"x":"${'x'.repeat(100_000)}`);
  assert.equal(outcome.kind === 'garbled' && outcome.body.reveal().length, 64 * 1024);
});
