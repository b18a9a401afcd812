import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { assertNothingLeaks, classify, revealed, SECRETS, tokenBody } from './fixtures.ts';

const PAIR = {
  accessToken: SECRETS.newAccessToken,
  refreshToken: SECRETS.newRefreshToken,
  tokenType: 'bearer',
  scope: 'one two',
  expiresInSeconds: 300,
};

const success = (response: object) => ({ kind: 'success', response });

test('a token response is a success', () => {
  assert.deepEqual(revealed(classify(200, tokenBody())), success(PAIR));
});

for (const status of [200, 201, 203, 206]) {
  test(`a ${status} with an access token is a success`, () => {
    assert.deepEqual(revealed(classify(status, tokenBody())), success(PAIR));
  });
}

for (const type of ['application/json', 'text/plain', 'text/html', '', 'application/x-www-form-urlencoded']) {
  test(`a content type of "${type}" does not matter`, () => {
    const outcome = classify(200, tokenBody(), { headers: { 'content-type': type } });
    assert.deepEqual(revealed(outcome), success(PAIR));
  });
}

const SPELLINGS: Record<string, string | Uint8Array> = {
  'a byte order mark': `\ufeff${tokenBody()}`,
  'white space around it': `\r\n  ${tokenBody()}\n\n`,
  'something after it': `${tokenBody()}\n<!-- served by a proxy -->`,
  'a guard against scripts before it': `)]}',\n${tokenBody()}`,
  'a warning before it': `Warning: undefined index "x" in token.php on line 3\n${tokenBody()}`,
  'a call around it': `callback(${tokenBody()});`,
  'UTF-16, little end first': Buffer.from(`\ufeff${tokenBody()}`, 'utf16le'),
  'UTF-16, big end first': Buffer.from(`\ufeff${tokenBody()}`, 'utf16le').swap16(),
  indentation: JSON.stringify(JSON.parse(tokenBody()), null, 2),
  'Latin-1 instead of UTF-8': Buffer.from(tokenBody({ userLogin: 'João' }), 'latin1'),
  'a malformed id_token': tokenBody({ id_token: 17 }),
  'an empty error': tokenBody({ error: '' }),
  'a null error': tokenBody({ error: null }),
  'a JSON string around it': JSON.stringify(tokenBody()),
  'an array around it': `[${tokenBody()}]`,
  'a member that is no JSON, after the tokens': tokenBody().replace(/}$/, ',"x":undefined}'),
};

for (const [what, body] of Object.entries(SPELLINGS)) {
  test(`a token response with ${what} is a success`, () => {
    assert.deepEqual(revealed(classify(200, body)), success(PAIR));
  });
}

/** Form-encoded answers, each of which is the pair. */
const FORMS: Record<string, string> = {
  'as it should be': tokenForm(),
  'in another order': `scope=one+two&refresh_token=${SECRETS.newRefreshToken}&expires_in=300&token_type=bearer&access_token=${SECRETS.newAccessToken}`,
  'with everything encoded': tokenForm({ access_token: encoded(SECRETS.newAccessToken) }),
  'with a scope by %20': tokenForm({ scope: 'one%20two' }),
  'with a member of its own, without a value': tokenForm({ userLogin: '' }),
  'with an empty pair, and a line end': `${tokenForm()}&\r\n`,
  'with an empty error': tokenForm({ error: '' }),
};

for (const [what, body] of Object.entries(FORMS)) {
  for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/html']) {
    test(`a form ${what} is a success, as ${type}`, () => {
      const outcome = classify(200, body, { headers: { 'content-type': type } });
      assert.deepEqual(revealed(outcome), success(PAIR));
      assertNothingLeaks(outcome);
    });
  }
}

/** Tokens in a form, by whoever encodes and by whoever does not. */
const FORM_TOKENS: [written: string, token: string][] = [
  ['a%2Bb%2Fc%3D%3D', 'a+b/c=='],
  ['a+b/c==', 'a+b/c=='],
  ['100%', '100%'],
  ['%C3%A9', 'é'],
];

for (const [written, expected] of FORM_TOKENS) {
  test(`the tokens of a form written as ${written} are ${expected}`, () => {
    const outcome = classify(200, tokenForm({ access_token: written, refresh_token: written }));
    const tokens = { accessToken: expected, refreshToken: expected };
    assert.deepEqual(revealed(outcome), success({ ...PAIR, ...tokens }));
  });
}

test('a form that was cut off after both tokens is a success without what may not be whole', () => {
  const { scope: _, ...others } = PAIR;
  const outcome = classify(200, tokenForm(), { cutOffBy: 'connection-closed' });
  assert.deepEqual(revealed(outcome), success(others));
});

function tokenForm(changes: Record<string, string> = {}): string {
  const { access_token, token_type, refresh_token } = JSON.parse(tokenBody());
  const members = {
    access_token,
    token_type,
    expires_in: '300',
    refresh_token,
    scope: 'one+two',
    ...changes,
  };
  return Object.entries(members)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function encoded(text: string): string {
  return Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
}

const PACKERS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

for (const [encoding, pack] of Object.entries(PACKERS)) {
  test(`a body that came as ${encoding} is unpacked, even without its end`, () => {
    const packed = pack(tokenBody({ id_token: 'sentinel'.repeat(200) }));
    const headers = { 'content-encoding': encoding };

    assert.deepEqual(revealed(classify(200, packed, { headers })), success(PAIR));
    const cut = classify(200, packed.subarray(0, -1), { headers });
    assert.deepEqual(revealed(cut), success(PAIR));
  });
}

/** What the header says of a body, and what it is. */
const MISLABELLED: [what: string, encoding: string | undefined, body: Uint8Array][] = [
  ['gzip without the header', undefined, gzipSync(tokenBody())],
  ['gzip, and identity by the header', 'identity', gzipSync(tokenBody())],
  ['gzip, and two encodings by the header', 'gzip, identity', gzipSync(tokenBody())],
  ['gzip, and br by the header', 'br', gzipSync(tokenBody())],
  ['deflate without its frame', 'deflate', deflateRawSync(tokenBody())],
  ['text, and gzip by the header', 'gzip', Buffer.from(tokenBody())],
  ['text, and deflate by the header', 'deflate', Buffer.from(tokenBody())],
  ['text, and br by the header', 'br', Buffer.from(tokenBody())],
];

for (const [what, encoding, body] of MISLABELLED) {
  test(`a body that is ${what} is read`, () => {
    const headers = encoding === undefined ? {} : { 'content-encoding': encoding };
    assert.deepEqual(revealed(classify(200, body, { headers })), success(PAIR));
  });
}

/** What one odd member becomes; `undefined` as a result: left out. */
const MEMBERS: [member: string, value: unknown, field: keyof typeof PAIR, becomes: unknown][] = [
  ['token_type', undefined, 'tokenType', 'Bearer'],
  ['token_type', null, 'tokenType', 'Bearer'],
  ['token_type', '', 'tokenType', 'Bearer'],
  ['token_type', 'two words', 'tokenType', 'Bearer'],
  ['token_type', 'N_A', 'tokenType', 'N_A'],
  ['expires_in', 1, 'expiresInSeconds', 1],
  ['expires_in', 299.9, 'expiresInSeconds', 299],
  ['expires_in', 0.9, 'expiresInSeconds', 0],
  ['expires_in', '300', 'expiresInSeconds', 300],
  ['expires_in', ' 300.5 ', 'expiresInSeconds', 300],
  ['expires_in', '5m', 'expiresInSeconds', 300],
  ['expires_in', '3600 seconds', 'expiresInSeconds', 3600],
  ['expires_in', '300000ms', 'expiresInSeconds', 300],
  ['expires_in', '5 parsecs', 'expiresInSeconds', undefined],
  ['expires_in', '0x12', 'expiresInSeconds', undefined],
  ['expires_in', '', 'expiresInSeconds', undefined],
  ['expires_in', null, 'expiresInSeconds', undefined],
  ['expires_in', true, 'expiresInSeconds', undefined],
  ['expires_in', [300], 'expiresInSeconds', undefined],
  ['expires_in', 0, 'expiresInSeconds', 0],
  ['expires_in', -1, 'expiresInSeconds', undefined],
  ['expires_in', '-300', 'expiresInSeconds', undefined],
  ['expires_in', 316_224_000, 'expiresInSeconds', 316_224_000],
  ['expires_in', 316_224_001, 'expiresInSeconds', undefined],
  ['expires_in', Date.UTC(2026, 0) / 1000, 'expiresInSeconds', undefined],
  ['scope', ['Full', 'Self'], 'scope', 'Full Self'],
  ['scope', [], 'scope', undefined],
  ['scope', ['Self', 1], 'scope', undefined],
  ['scope', '', 'scope', undefined],
  ['scope', { a: 1 }, 'scope', undefined],
  ['scope', undefined, 'scope', undefined],
  ['refresh_token', undefined, 'refreshToken', undefined],
  ['refresh_token', null, 'refreshToken', undefined],
  ['refresh_token', '', 'refreshToken', undefined],
  ['refresh_token', '  ', 'refreshToken', undefined],
  ['refresh_token', 17, 'refreshToken', '17'],
  ['refresh_token', 'undefined', 'refreshToken', undefined],
  ['refresh_token', false, 'refreshToken', undefined],
  ['access_token', 17, 'accessToken', '17'],
];

for (const [member, value, field, becomes] of MEMBERS) {
  test(`${member} ${JSON.stringify(value) ?? 'missing'} is read as ${becomes ?? 'absent'}`, () => {
    const { [field]: _, ...others } = PAIR;
    const expected = becomes === undefined ? others : { ...others, [field]: becomes };
    assert.deepEqual(revealed(classify(200, tokenBody({ [member]: value }))), success(expected));
  });
}

for (const member of ['refresh_token_expires_in', 'refresh_expires_in']) {
  test(`${member} is the refresh token's lifetime`, () => {
    const outcome = classify(200, tokenBody({ [member]: '172800' }));
    assert.deepEqual(revealed(outcome), success({ ...PAIR, refreshTokenExpiresInSeconds: 172_800 }));
  });
}

test('an expires_in too large for a number is absent', () => {
  const { expiresInSeconds: _, ...others } = PAIR;
  assert.deepEqual(revealed(classify(200, tokenBody().replace('300', '1e999'))), success(others));
});

test('a BSN answer is understood', () => {
  const body = JSON.stringify({
    access_token: SECRETS.newAccessToken,
    token_type: 'bearer',
    expires_in: 1799,
    refresh_token: SECRETS.newRefreshToken,
    scope: ['Full', 'Self'],
    userLogin: 'user@provider.example',
    userId: 1,
    personId: 2,
    networkNames: ['exampleNetwork'],
  });
  const outcome = classify(200, body);
  assert.ok(outcome.kind === 'success');
  const { networks, ...response } = outcome.response;
  assert.deepEqual(networks, ['exampleNetwork']);
  assert.deepEqual(
    revealed({ kind: 'success', response }),
    success({ ...PAIR, expiresInSeconds: 1799, scope: 'Full Self' }),
  );
});

const NETWORKS: [value: unknown, networks: unknown][] = [
  [undefined, undefined],
  [null, undefined],
  ['exampleNetwork', undefined],
  [[], []],
  [
    ['one', '', 2, null, 'two'],
    ['one', 'two'],
  ],
];

for (const [networkNames, networks] of NETWORKS) {
  test(`networkNames ${JSON.stringify(networkNames) ?? 'missing'} lose no token`, () => {
    const outcome = classify(200, tokenBody({ networkNames }));
    assert.ok(outcome.kind === 'success');
    assert.deepEqual(outcome.response.networks, networks);
    assert.equal(outcome.response.accessToken.reveal(), SECRETS.newAccessToken);
  });
}

test('a success shows no token when it is printed', () => {
  assertNothingLeaks(classify(200, tokenBody()));
});
