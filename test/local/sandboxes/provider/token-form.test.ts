import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../../../../local/sandboxes/provider/token-error.ts';
import { parseTokenForm, type TokenHttpRequest } from '../../../../local/sandboxes/provider/token-form.ts';

const FORM = 'application/x-www-form-urlencoded';
const GRANT = 'grant_type=refresh_token&refresh_token=fake-refresh-token-1&scope=a+b';
const IN_BODY = 'client_id=fake-id&client_secret=fake-secret';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

const RULES = {
  grants: ['refresh_token', 'password', 'client_credentials'],
  clientAuth: ['post', 'basic'],
} as const;

const parse = (body: string, request: Partial<TokenHttpRequest> = {}) =>
  parseTokenForm({ contentType: FORM, authorization: undefined, body, ...request }, RULES);

const refusedWith = (code: string) => (error: unknown) => error instanceof TokenError && error.code === code;

const EXPECTED = {
  grantType: 'refresh_token',
  clientId: 'fake-id',
  clientSecret: 'fake-secret',
  refreshToken: 'fake-refresh-token-1',
  scope: 'a b',
};

test('the client may prove itself in the body or by HTTP Basic', () => {
  assert.deepEqual(parse(`${GRANT}&${IN_BODY}`), EXPECTED);
  assert.deepEqual(parse(GRANT, { authorization: basic('fake-id:fake-secret') }), EXPECTED);
  assert.deepEqual(
    parse(GRANT, { authorization: basic('fake-id:fake-secret').replace('Basic', 'bASIC') }),
    EXPECTED,
  );
});

test('HTTP Basic carries form-encoded values, and a colon belongs to the secret only', () => {
  const { clientId, clientSecret } = parse(GRANT, { authorization: basic('fake%3Aid:fake+secret%25:x') });
  assert.deepEqual([clientId, clientSecret], ['fake:id', 'fake secret%:x']);
});

test('both ways of proving itself at once are invalid_request', () => {
  const authorization = basic('fake-id:fake-secret');
  assert.throws(() => parse(`${GRANT}&${IN_BODY}`, { authorization }), refusedWith('invalid_request'));
  assert.throws(
    () => parse(`${GRANT}&client_secret=fake-secret`, { authorization }),
    refusedWith('invalid_request'),
  );
  assert.throws(
    () => parse(`${GRANT}&client_id=fake-other`, { authorization }),
    refusedWith('invalid_request'),
  );
});

test('a bare client_id beside HTTP Basic is fine when it is the same client', () => {
  assert.deepEqual(
    parse(`${GRANT}&client_id=fake-id`, { authorization: basic('fake-id:fake-secret') }),
    EXPECTED,
  );
});

test('no credentials, or credentials that cannot be read, are invalid_client', () => {
  assert.throws(() => parse(GRANT), refusedWith('invalid_client'));
  assert.throws(() => parse(`${GRANT}&client_id=fake-id`), refusedWith('invalid_client'));
  const unreadable = [
    'Bearer fake',
    'Basic',
    'Basic !',
    basic('no-colon'),
    basic(':no-id'),
    basic('bad%zz:x'),
  ];
  for (const authorization of unreadable) {
    assert.throws(() => parse(GRANT, { authorization }), refusedWith('invalid_client'), authorization);
  }
});

test('a body that is not form-urlencoded is invalid_request, a charset beside the type is fine', () => {
  const body = `${GRANT}&${IN_BODY}`;
  for (const contentType of [undefined, 'application/json', 'text/plain', `x-${FORM}`]) {
    assert.throws(() => parse(body, { contentType }), refusedWith('invalid_request'), contentType);
  }
  assert.deepEqual(parse(body, { contentType: `${FORM.toUpperCase()} ; charset=utf-8` }), EXPECTED);
});

test('a parameter that occurs twice is invalid_request, even with the same value or one we do not know', () => {
  for (const twice of ['scope=a+b', 'client_id=fake-id', 'unknown=1&unknown=1']) {
    assert.throws(() => parse(`${GRANT}&${IN_BODY}&${twice}`), refusedWith('invalid_request'), twice);
  }
});

test('a parameter without a value counts as left out', () => {
  assert.equal(parse(`grant_type=refresh_token&refresh_token=fake&scope=&${IN_BODY}`).scope, undefined);
  assert.throws(
    () => parse(`grant_type=refresh_token&refresh_token=&${IN_BODY}`),
    refusedWith('invalid_request'),
  );
});

test('the grants of other BS2 APIs at the same URL are read', () => {
  const { refreshToken: _, ...client } = EXPECTED;
  assert.deepEqual(parse(`grant_type=client_credentials&scope=a+b&${IN_BODY}`), {
    ...client,
    grantType: 'client_credentials',
  });
  assert.deepEqual(parse(`grant_type=password&username=fake-u&password=fake-p&scope=a+b&${IN_BODY}`), {
    ...client,
    grantType: 'password',
    username: 'fake-u',
    password: 'fake-p',
  });
});

test('a password grant without its user or password is invalid_request', () => {
  for (const half of ['username=fake-u', 'password=fake-p', 'username=fake-u&password=']) {
    assert.throws(
      () => parse(`grant_type=password&${half}&${IN_BODY}`),
      refusedWith('invalid_request'),
      half,
    );
  }
});

test('grants that nobody offers are unsupported_grant_type, no grant is invalid_request', () => {
  for (const grant of ['authorization_code', 'REFRESH_TOKEN']) {
    assert.throws(
      () => parse(`grant_type=${grant}&${IN_BODY}`),
      refusedWith('unsupported_grant_type'),
      grant,
    );
  }
  assert.throws(() => parse(`refresh_token=fake&${IN_BODY}`), refusedWith('invalid_request'));
});

test('no refusal quotes what was sent', () => {
  const sentinel = 'fake-sentinel-value';
  const bodies = [
    `grant_type=${sentinel}`,
    `${sentinel}=1&${sentinel}=2`,
    `grant_type=refresh_token&client_id=${sentinel}`,
    `grant_type=refresh_token&client_id=${sentinel}&client_secret=${sentinel}`,
  ];
  for (const body of bodies) {
    assert.throws(
      () => parse(body),
      (error: unknown) => error instanceof TokenError && !error.message.includes(sentinel),
    );
  }
});
