// Answers that no standard knows: a pair that came whole is found, and what holds none ends no chain.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { Secret } from '../../../shared/secret/secret.ts';
import { classifyAnswer } from '../../../shared/token-endpoint/answer/token-response.ts';

const POSTED = 'fake-refresh-1';
const PAIR = {
  access_token: 'fake-access-2',
  token_type: 'Bearer',
  expires_in: 300,
  refresh_token: 'fake-refresh-2',
};
const json = JSON.stringify;
const TEXT = json(PAIR);

function classify(body: string | Uint8Array, status = 200, headers: Record<string, string> = {}) {
  const answer = {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(body),
  };
  return classifyAnswer(answer, Date.UTC(2026, 0, 1), { refreshToken: new Secret(POSTED) });
}

const WHOLE: readonly [name: string, body: string | Uint8Array, headers?: Record<string, string>][] = [
  ['JSON in a JSON string', json(TEXT)],
  ['an array of a status, a word and the pair', json([0, 'ok', PAIR])],
  ['a call of a script', `callback(${TEXT});`],
  ['an assignment', `var result = ${TEXT};`],
  ['an event stream', `event: token\ndata: ${TEXT}\n\n`],
  ['comments around it', `/* ok */ ${TEXT} // end`],
  ['names with dashes', json({ 'access-token': 'fake-access-2', 'refresh-token': 'fake-refresh-2' })],
  ['names in capitals', json({ ACCESS_TOKEN: 'fake-access-2', REFRESH_TOKEN: 'fake-refresh-2' })],
  ['errors that are none', json({ ...PAIR, error: 0, errors: [], error_description: null })],
  ['NaN beside it', TEXT.replace('300', 'NaN')],
  ['a name that comes twice, first as null', `{"access_token":null,${TEXT.slice(1)}`],
  ['a comma too many', `${TEXT.slice(0, -1)},}`],
  ['a head of HTTP in the body', `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${TEXT}`],
  ['a part of several', `--x\r\nContent-Type: application/json\r\n\r\n${TEXT}\r\n--x--\r\n`],
  ['Base64', Buffer.from(TEXT).toString('base64')],
  ['gzip that no header announces', gzipSync(TEXT)],
  ['gzip that a header announces and the body is not', TEXT, { 'content-encoding': 'gzip' }],
  ['Brotli', brotliCompressSync(TEXT), { 'content-encoding': 'br' }],
  ['deflate without its head', deflateRawSync(TEXT), { 'content-encoding': 'deflate' }],
];

const NO_PAIR: readonly [name: string, body: string][] = [
  [
    'a token that is an object of nothing',
    json({ data: { token: { access_token: null, refresh_token: null } } }),
  ],
  ['tokens that are empty', json({ tokens: { access_token: '', refresh_token: '' }, ok: false })],
  ['an access token whose value is null', json({ access_token: { value: null }, message: 'busy' })],
  ['why there is no token, under its name', json({ token: { message: 'busy', code: 3 } })],
  ['a life of no token', json({ token: { token_type: 'Bearer', expires_in: 0 } })],
  ['a list of no token', json({ tokens: [null] })],
  [
    'a template that nobody has filled in',
    json({ access_token: '{access_token}', refresh_token: '{{refreshToken}}' }),
  ],
  ['the same in angle brackets', json({ access_token: '<access-token>', refresh_token: '%refresh_token%' })],
  [
    'what a token response looks like',
    json({
      type: 'object',
      properties: { access_token: { type: 'string' }, refresh_token: { type: 'string' } },
    }),
  ],
  ['the request sent back', json({ status: 'queued', echo: { refresh_token: POSTED } })],
  ['an example', json({ message: 'see the documentation', example: PAIR })],
  ['metadata of the server', json({ token_endpoint: 'https://x', grant_types_supported: ['refresh_token'] })],
  ['figures', 'oauth_refresh_token_total 4\noauth_access_token_total 9\n'],
  ['a form for people', '<html><form><input name="access_token" value="x"></form></html>'],
];

describe('a pair that came whole', () => {
  for (const [name, body, headers] of WHOLE) {
    it(`is found in ${name}`, () => {
      const outcome = classify(body, 200, headers);
      assert.equal(outcome.kind, 'success');
      if (outcome.kind !== 'success') return;
      const { accessToken, refreshToken } = outcome.response;
      assert.deepEqual([accessToken.reveal(), refreshToken?.reveal()], ['fake-access-2', 'fake-refresh-2']);
    });
  }

  it('is taken from no answer but a 2xx', () => {
    for (const status of [302, 304, 400, 401, 403, 409, 500, 503]) {
      assert.notEqual(classify(TEXT, status).kind, 'success', `${status}`);
    }
  });
});

describe('a 200 without a pair', () => {
  for (const [name, body] of NO_PAIR) {
    it(`ends no chain: ${name}`, () => assert.equal(classify(body).kind, 'unknown'));
  }

  it('is kept where a token may lie in it under another name', () => {
    assert.equal(classify(json({ token: { value: 'fake-access-2' } })).kind, 'garbled');
    assert.equal(classify(json({ refresh_token: { key: 12345678901 } })).kind, 'garbled');
    assert.equal(classify('{"token":{"acc').kind, 'garbled');
  });
});
