// A whole pair in a 2xx is found wherever it lies, and taken from nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { classify, SECRETS, tokenBody } from './fixtures.ts';

const PAIR = JSON.parse(tokenBody());
const CAMEL = {
  accessToken: SECRETS.newAccessToken,
  tokenType: 'bearer',
  expiresIn: 300,
  refreshToken: SECRETS.newRefreshToken,
};
const WARNING =
  '<br />\n<b>Warning</b>:  Undefined index: {x} in <b>/srv/token.php</b> on line <b>3</b><br />\n';
const NOTICE = WARNING.replace('Warning', 'Notice').replace('{x}', 'y');
const XDEBUG =
  "<br />\n<font size='1'><table class='xdebug-error xe-notice' dir='ltr'><tr><td>x</td></tr></table></font>\n";
const PADDED = tokenBody({ id_token: 'x'.repeat(300) });

const FOUND: Record<string, string | Uint8Array> = {
  'in camelCase': JSON.stringify(CAMEL),
  'in capitals': JSON.stringify({ Access_Token: PAIR.access_token, Refresh_Token: PAIR.refresh_token }),
  'in "body", beside a status': JSON.stringify({ status: 0, body: PAIR }),
  'in "data"': JSON.stringify({ data: PAIR }),
  'in "data", beside an error that is null': JSON.stringify({ error: null, data: PAIR }),
  'in "data", beside an error that says none': JSON.stringify({
    error: { code: 0, message: 'ok' },
    data: PAIR,
  }),
  'in camelCase in "result"': JSON.stringify({ success: true, result: CAMEL }),
  'deep down': JSON.stringify({ a: { b: [{ c: PAIR }] } }),
  'in a text in "body", as a gateway wraps it': JSON.stringify({ statusCode: 200, body: tokenBody() }),
  'in "tokens"': JSON.stringify({ tokens: PAIR }),
  'with the refresh token one level up': JSON.stringify({
    refresh_token: PAIR.refresh_token,
    data: { access_token: PAIR.access_token },
  }),
  'with the refresh token one level down': JSON.stringify({
    access_token: PAIR.access_token,
    renewal: { refresh_token: PAIR.refresh_token },
  }),
  'beside the token of another user': JSON.stringify({ ...PAIR, authed_user: { access_token: 'other' } }),
  'beside the pair that it replaces': JSON.stringify({
    data: PAIR,
    previous: { access_token: 'old', refresh_token: 'old' },
  }),
  'beside the request sent back': JSON.stringify({ request: { refresh_token: 'old' }, response: PAIR }),
  'beside an example': JSON.stringify({ ...PAIR, example: { access_token: 'x', refresh_token: 'y' } }),
  'twice, the same': JSON.stringify({ data: PAIR, copy: PAIR }),
  'under short names': JSON.stringify({ token: PAIR.access_token, refreshToken: PAIR.refresh_token }),
  'under the shortest names': JSON.stringify({ access: PAIR.access_token, refresh: PAIR.refresh_token }),
  'behind a warning of PHP': WARNING + tokenBody(),
  'behind several warnings of PHP': WARNING + NOTICE + WARNING + tokenBody(),
  'behind a table of Xdebug': XDEBUG + tokenBody(),
  'behind a warning in plain text': `\nWarning: Undefined array key "x" in /srv/token.php on line 3\n${tokenBody()}`,
  'before a warning of PHP': tokenBody() + WARNING,
  'before a page': `${tokenBody()}<html><body>${tokenBody({ access_token: 'x' })}</body></html>`,
  'behind a text with a brace in it': `route {token} not cached\n${tokenBody()}`,
  'behind a line of status': `{"status":"ok"}\n${tokenBody()}\n`,
  'behind signs of life': `\n\n{"ping":1}\n{"ping":2}\n${tokenBody()}`,
  'as an event of a stream': `event: token\ndata: ${tokenBody()}\n\n`,
  'cut off, a harmless name repeated': `{"x":1,"x":2,${tokenBody().slice(1, -2)}`,
  'nested and cut off': `{"data":${tokenBody()},"x":"y`,
  'with a member that is no JSON before it': `{"x":undefined,${tokenBody().slice(1)}`,
  'with a line break in a member before it': `{"x":"a\nb",${tokenBody().slice(1)}`,
  'with a comma too many': tokenBody().replace(/}$/, ',}'),
  'in UTF-16 without a mark, little end first': Buffer.from(tokenBody(), 'utf16le'),
  'in UTF-16 without a mark, big end first': Buffer.from(tokenBody(), 'utf16le').swap16(),
  'packed twice': gzipSync(gzipSync(tokenBody())),
  'packed three times': gzipSync(brotliCompressSync(gzipSync(PADDED))),
  'packed by zstd': zstdCompressSync(PADDED),
  'in base64': Buffer.from(tokenBody()).toString('base64'),
  'packed, in base64': gzipSync(tokenBody()).toString('base64'),
  'in chunks that nothing announced': `${tokenBody().length.toString(16)}\r\n${tokenBody()}\r\n0\r\n\r\n`,
  'in two chunks that nothing announced': `5\r\n${tokenBody().slice(0, 5)}\r\n${(tokenBody().length - 5).toString(16)}\r\n${tokenBody().slice(5)}\r\n0\r\n\r\n`,
  'in chunks of wrong sizes': `ff\r\n${tokenBody().slice(0, 60)}\r\n7\r\n${tokenBody().slice(60)}\r\n0\r\n\r\n`,
  'before a padding of zeros': `${tokenBody()}${'\0'.repeat(500)}`,
  'behind a warning with a host of that name in it': `Notice: x in /srv/provider.example/a.php on line 3\n${tokenBody()}`,
  'in a form, as a fragment': `#access_token=${SECRETS.newAccessToken}&refresh_token=${SECRETS.newRefreshToken}`,
  'in a form, a pair a line': `access_token=${SECRETS.newAccessToken}\r\nrefresh_token=${SECRETS.newRefreshToken}\r\n`,
  'before a comment': `${tokenBody()}\n<!-- 0.03 s -->`,
  'with other members by the hundred': JSON.stringify({
    ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x${index}`, { y: [index] }])),
    ...PAIR,
  }),
  'in 300 KB': tokenBody({ permissions: 'x'.repeat(300_000) }),
};

for (const [where, body] of Object.entries(FOUND)) {
  test(`a pair ${where} is taken`, () => {
    const headers = where.includes('three') ? { 'content-encoding': 'gzip, br, gzip' } : {};
    const outcome = classify(200, body, { headers });
    assert.ok(outcome.kind === 'success', outcome.kind);
    assert.equal(outcome.response.accessToken.reveal(), SECRETS.newAccessToken);
    assert.equal(outcome.response.refreshToken?.reveal(), SECRETS.newRefreshToken);
  });
}

test('a token of digits keeps them all', () => {
  const digits = '123456789012345678901234567890';
  const outcome = classify(200, `{"access_token":${digits},"refresh_token":9${digits}}`);
  assert.ok(outcome.kind === 'success');
  assert.equal(outcome.response.accessToken.reveal(), digits);
  assert.equal(outcome.response.refreshToken?.reveal(), `9${digits}`);
});

test('an access token without a refresh token is a success only where none can be', () => {
  const cases: [body: string, kind: string][] = [
    ['{"access_token":"fake"}', 'success'],
    ['{"access_token":"fake","user":{"token":"other"}}', 'success'],
    ['{"access_token":"fake","refresh_token":null}', 'success'],
    ['{"access_token":"fake","refresh_token":{"value":"x"}}', 'garbled'],
    ['{"access_token":"fake","a":{"refresh_token":"x"},"b":{"refresh_token":"y"}}', 'garbled'],
    ['{"access_token":"fake"', 'garbled'],
    ['{"access_token":"fake","x":y z,"refresh_token":"new"}', 'garbled'],
  ];
  for (const [body, kind] of cases) assert.equal(classify(200, body).kind, kind, body);
});

test('members around the pair and beside it are read', () => {
  const body = {
    instance_url: 'https://a.example',
    expires_in: 60,
    data: { ...PAIR, expires_in: 300, api_domain: 'b' },
  };
  const outcome = classify(200, JSON.stringify(body));
  assert.ok(outcome.kind === 'success');
  assert.equal(outcome.response.expiresInSeconds, 300);
  assert.deepEqual(outcome.response.fields?.pick(['instance_url', 'api_domain', 'nothing']), {
    instance_url: 'https://a.example',
    api_domain: 'b',
  });
});

test('no token can be picked from an answer, by whatever name', () => {
  const more = {
    id_token: 'sentinel',
    echo: SECRETS.newAccessToken,
    quoted: `Bearer ${SECRETS.newRefreshToken}`,
    user: { id: 7, refresh_token: 'sentinel', name: 'fake' },
    list: ['a', SECRETS.newAccessToken, { secret: 'sentinel' }],
    big: 0,
  };
  const outcome = classify(200, tokenBody(more).replace('"big":0', '"big":12345678901234567890'));
  assert.ok(outcome.kind === 'success');
  const names = [...Object.keys(more), 'access_token', 'accessToken', 'refresh_token', 'token', 'expires_in'];
  assert.deepEqual(outcome.response.fields?.pick(names), {
    user: { id: 7, name: 'fake' },
    list: ['a', {}],
    big: '12345678901234567890',
    expires_in: 300,
  });
});
