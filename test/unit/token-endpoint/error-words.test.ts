// What the words of an error mean, whatever status they come with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, codeStatedIn, ERROR_CODES } from '../../../shared/token-endpoint/answer/error-codes.ts';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import { classify, tokenBody } from './fixtures.ts';

type Row = [kind: Outcome['kind'], status: number, body: string | object];

const ROWS: Record<string, Row> = {
  'a 403 with the code (Auth0)': [
    'refused-grant',
    403,
    { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
  ],
  'a code that only the description contradicts': [
    'throttled',
    400,
    { error: 'slow_down', error_description: 'too many invalid_grant answers, slow down' },
  ],
  'a rate limit that speaks of the code': [
    'throttled',
    400,
    {
      error: 'rate_limit_exceeded',
      message: 'After 5 consecutive invalid_grant errors the client is blocked',
    },
  ],
  'an unknown error that speaks of the code': [
    'refused',
    400,
    { error: 'blocked', message: 'After 5 consecutive invalid_grant errors the client is blocked' },
  ],
  'a sentence that speaks of the code': [
    'refused',
    400,
    'After 5 invalid_grant errors the client is blocked',
  ],
  'a member that speaks of the code': [
    'refused',
    400,
    { message: 'After 5 consecutive invalid_grant errors the client is blocked' },
  ],
  'a page that lists codes': ['refused', 400, '<html><li>invalid_grant</li></html>'],
  'a page that states a code': ['refused', 400, '<p>Error: invalid_grant</p>'],
  'a list of codes': ['refused', 400, { supported_errors: ['invalid_grant', 'invalid_client'] }],
  'a dead token in a 200 (GitHub)': ['refused-grant', 200, { error: 'bad_refresh_token' }],
  'a dead token in a form': ['refused-grant', 200, 'error=bad_refresh_token&error_description=expired'],
  'a dead token in a 400 by a form': ['refused-grant', 400, 'error=bad_refresh_token'],
  'a dead token as a status (HubSpot)': [
    'refused-grant',
    400,
    { status: 'BAD_REFRESH_TOKEN', message: 'missing or unknown refresh token' },
  ],
  'a dead token in a 200 (Slack)': ['refused-grant', 200, { ok: false, error: 'invalid_refresh_token' }],
  'a dead token (Spring)': [
    'refused-grant',
    401,
    { error: 'invalid_token', error_description: 'Invalid refresh token (expired): x' },
  ],
  'a dead token (Zoho)': ['refused-grant', 200, { error: 'invalid_code' }],
  'a dead token in words (Twitch)': ['refused-grant', 400, { status: 400, message: 'Invalid refresh token' }],
  'a dead token in camelCase': ['refused-grant', 400, { code: 'RefreshTokenExpired' }],
  'a dead token, nested (Bling)': [
    'refused-grant',
    400,
    { error: { type: 'invalid_grant', message: 'x', description: 'y' } },
  ],
  'a dead token, nested under code': ['refused-grant', 400, { error: { code: 'invalid_grant' } }],
  'a dead token in a list (Fitbit)': [
    'refused-grant',
    400,
    { errors: [{ errorType: 'invalid_grant', message: 'Refresh token invalid' }], success: false },
  ],
  'a dead token under errorCode': ['refused-grant', 400, { errorCode: 'invalid_grant', errorSummary: 'x' }],
  'a dead token under errorCode, beside a phrase': [
    'refused-grant',
    401,
    { status: 401, error: 'Unauthorized', errorCode: 'invalid_grant' },
  ],
  'a dead token in a text inside': [
    'refused-grant',
    200,
    { statusCode: 400, body: '{"error":"invalid_grant"}' },
  ],
  'a dead token in "data"': ['refused-grant', 200, { data: { error: 'token_expired' } }],
  'a code with its description': ['refused-grant', 400, { error: 'invalid_grant: Token has been revoked' }],
  'a code in an array': ['refused-grant', 400, [{ error: 'invalid_grant' }]],
  'a dead token in a 503': ['refused-grant', 503, { error: 'invalid_grant' }],
  'a dead token behind a redirect': ['refused-grant', 302, { error: 'invalid_grant' }],
  'a code in the text of a 503': ['unknown', 503, 'invalid_grant'],
  'a code in another member of a 503': ['unknown', 503, { message: 'invalid_grant' }],
  'a dead token beside tokens': ['refused-grant', 200, JSON.parse(tokenBody({ error: 'invalid_grant' }))],
  'a need to log in (Entra)': ['refused-grant', 400, { error: 'interaction_required' }],
  'a dead client': ['refused-client', 401, { error: 'incorrect_client_credentials' }],
  'a dead client in a 403': ['refused-client', 403, { error: 'invalid_client' }],
  'a login that is refused': ['refused-client', 400, { error: 'access_denied' }],
  'the words of a firewall': ['refused', 403, { message: 'Access Denied' }],
  'the words of a firewall as an error': ['refused', 403, { error: 'Access Denied' }],
  'a JSON of a gateway': ['refused', 403, { message: 'Forbidden' }],
  'an empty 401': ['refused', 401, ''],
  'too many requests in words': ['throttled', 403, { message: 'Too Many Requests' }],
  'a busy server in a 200': ['unknown', 200, { error: 'temporarily_unavailable' }],
  'an error without words': ['unknown', 200, { error: true }],
};

for (const [what, [kind, status, body]] of Object.entries(ROWS)) {
  test(`${what} is ${kind}`, () => {
    const outcome = classify(status, typeof body === 'string' ? body : JSON.stringify(body));
    assert.equal(outcome.kind, kind);
    if (kind === 'refused-grant' && outcome.kind === kind) assert.ok(outcome.reason in ERROR_CODES);
  });
}

test('what a profile knows to mean too many requests is throttled, unless the token is dead', () => {
  const request = { throttleWords: ['too many requests'] };
  const headers = { 'retry-after': '600' };
  const zoho = { error: 'Access Denied', error_description: 'You have made too many requests continuously.' };
  const said = (status: number, body: object) => classify(status, JSON.stringify(body), { headers }, request);
  assert.deepEqual(said(400, zoho), { kind: 'throttled', retryAfterSeconds: 600 });
  assert.deepEqual(said(200, zoho), { kind: 'throttled', retryAfterSeconds: 600 });
  assert.equal(classify(400, JSON.stringify(zoho)).kind, 'refused');
  assert.equal(said(400, { ...zoho, error: 'invalid_grant' }).kind, 'refused-grant');
  assert.equal(said(200, JSON.parse(tokenBody({ note: 'too many requests' }))).kind, 'success');
});

test('a challenge states a code where the body has none', () => {
  const headers = { 'www-authenticate': 'Bearer realm="invalid_client", error="invalid_grant"' };
  assert.equal(classify(401, '', { headers }).kind, 'refused-grant');
  assert.equal(classify(401, '{"error":"invalid_client"}', { headers }).kind, 'refused-client');
  assert.equal(
    classify(401, '', { headers: { 'www-authenticate': 'Basic realm="invalid_grant"' } }).kind,
    'refused',
  );
});

test('every code is its own spelling, in any case and without its underscores', () => {
  for (const code of Object.keys(ERROR_CODES)) {
    assert.equal(codeOf(code), code);
    assert.equal(codeOf(` ${code.toUpperCase()} `), code);
    assert.equal(codeStatedIn(`Error: ${code}.`), code);
    assert.equal(codeStatedIn(`no ${code} errors any more`), undefined);
    assert.equal(codeStatedIn(`x${code}`), undefined);
  }
});
