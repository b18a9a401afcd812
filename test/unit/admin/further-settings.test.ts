import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdminWorld, CLIENT } from './admin-world.ts';

const OTHER = { provider: 'oauth2', token_url: 'https://provider.example/token', client_auth: 'post' };

describe('what a provider asks of a request', () => {
  it('goes from the registration into every token request', async () => {
    const admin = new AdminWorld();
    const answer = await admin.register('acme', {
      ...OTHER,
      refresh_url: 'https://provider.example/refresh',
      refresh_scope: 'omit',
      extra: { audience: ['a', 'b'], redirect_uri: 'https://app.example/cb' },
      headers: { 'enable-jwt': '1' },
      body: 'query',
      method: 'GET',
      client: { ...CLIENT, headers: { 'x-api-key': 'fake-sentinel-key' } },
    });

    const request = admin.world.endpoint.received[0]?.request;
    assert.equal(request?.tokenUrl, 'https://provider.example/refresh');
    assert.equal(request?.scope, undefined);
    assert.deepEqual(request?.extra, { audience: ['a', 'b'], redirect_uri: 'https://app.example/cb' });
    assert.equal(request?.userAgent, 'fake-bank-code');
    assert.deepEqual(request?.headers, { 'enable-jwt': '1' });
    assert.deepEqual([request?.body, request?.method], ['query', 'GET']);
    assert.equal(request?.client.headers?.['x-api-key']?.reveal(), 'fake-sentinel-key');
    assert.deepEqual(
      [answer.user_agent, answer.refresh_scope, answer.body],
      ['fake-bank-code', 'omit', 'query'],
    );
    assert.doesNotMatch(admin.said.join(), /sentinel/);
  });

  it('can be changed, and what is not named stays', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { ...OTHER, headers: { 'enable-jwt': '1' } });
    await admin.do({
      action: 'update',
      credential: 'acme',
      user_agent: 'fake-other-code',
      extra: { a: 'b' },
    });
    await admin.do({ action: 'refresh', credential: 'acme', force: true });

    const request = admin.world.endpoint.received.at(-1)?.request;
    assert.equal(request?.userAgent, 'fake-other-code');
    assert.deepEqual(request?.headers, { 'enable-jwt': '1' });
    assert.deepEqual(request?.extra, { a: 'b' });
    assert.equal((await admin.world.published('acme')).user_agent, 'fake-other-code');
  });

  it('is handed to readers with the token, without a refresh of its own', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', OTHER);
    assert.equal((await admin.world.published('acme')).user_agent, 'fake-bank-code');
    const answer = await admin.do({ action: 'update', credential: 'acme', user_agent: 'fake-other-code' });
    assert.equal((await admin.world.published('acme')).user_agent, 'fake-other-code');
    assert.equal(answer.generation, 1);
    assert.equal(admin.world.endpoint.received.length, 1);
  });

  it('of BS2 in production is a User-Agent of the bank, and says where it comes from', async () => {
    const admin = new AdminWorld();
    const error = await admin.refused(admin.request('acme', { user_agent: undefined }), 'invalid-request');
    assert.equal(error.field, 'user_agent');
    assert.match(error.message, /code that it gave you.*ask the bank/);
    assert.equal(await admin.client('acme'), undefined);
    const sandbox = { user_agent: undefined, token_url: 'http://127.0.0.1:4702/auth/oauth/v2/token' };
    assert.equal((await admin.register('acme', sandbox)).state, 'active');
  });

  it('is known by grant where products of one provider differ', async () => {
    const admin = new AdminWorld();
    const client = { ...CLIENT, username: 'fake-user', password: 'fake-password' };
    await admin.register('banking', { grant: 'password', client, refresh_token: undefined });
    await admin.register('pix', { grant: 'client_credentials', refresh_token: undefined });
    await admin.register('collection');
    const records = await Promise.all(['banking', 'pix', 'collection'].map((id) => admin.record(id)));
    assert.deepEqual(
      records.map((record) => [record.clientAuth, record.refreshTokenMs]),
      [
        ['basic', 600_000],
        ['basic', undefined],
        ['post', 172_800_000],
      ],
    );
  });

  it('takes a registered life as the most, and refreshes so long before its end', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', {
      ...OTHER,
      access_token_seconds: 100,
      refresh_before_seconds: 30,
      answer_seconds: 60,
    });
    const { accessTokenMaxMs, refreshBeforeMs, answerSeconds, pair } = await admin.record('acme');
    assert.deepEqual([accessTokenMaxMs, refreshBeforeMs, answerSeconds], [100_000, 30_000, 60]);
    assert.equal((pair?.expiresAtMs ?? 0) - (pair?.issuedAtMs ?? 0), 100_000);
    assert.equal((pair?.expiresAtMs ?? 0) - (pair?.refreshAfterMs ?? 0), 30_000);
  });
});

const SENTINEL = 'fake-sentinel-value';
const JWT = 'eyJhbGciOiJub25lIn0.eyJmYWtlIjoic2VudGluZWwifQ.';
const refusals: readonly [field: string, more: object, message: RegExp][] = [
  ['user_agent', { user_agent: `a\r\n${SENTINEL}` }, /control characters/],
  ['user_agent', { user_agent: ' a' }, /blanks at its ends/],
  ['user_agent', { user_agent: '' }, /not empty/],
  ['headers', { headers: { 'x y': SENTINEL } }, /HTTP cannot carry/],
  ['headers', { headers: { x: `${SENTINEL}\n` } }, /HTTP cannot carry/],
  ['headers', { headers: { Host: 'a' } }, /HTTP or Renova sets/],
  ['headers', { headers: { 'User-Agent': 'a' } }, /user_agent/],
  ['headers', { headers: { a: '1', A: '2' } }, /twice/],
  ['headers', { headers: { Authorization: SENTINEL } }, /client\.headers/],
  ['headers', { headers: ['a'] }, /object of strings/],
  [
    'headers',
    { headers: { 'x-a': '1' }, client: { ...CLIENT, headers: { 'X-A': SENTINEL } } },
    /client\.headers has too/,
  ],
  [
    'client.headers',
    { client_auth: 'basic', client: { ...CLIENT, headers: { authorization: SENTINEL } } },
    /basic sets/,
  ],
  ['client.headers', { client: { ...CLIENT, headers: { 'content-length': '1' } } }, /HTTP or Renova sets/],
  ['method', { method: 'GET' }, /body to query/],
  ['method', { method: 'GET', body: 'json' }, /body to query/],
  ['method', { method: 'PUT' }, /POST or GET/],
  ['body', { body: 'xml' }, /form, json or query/],
  ['refresh_url', { refresh_url: 'http://provider.example/r' }, /https/],
  ['refresh_url', { refresh_url: 'https://provider.example/r?api_key=x' }, /no secret/],
  [
    'refresh_url',
    { grant: 'client_credentials', refresh_url: 'https://provider.example/r' },
    /no refresh token/,
  ],
  ['refresh_scope', { grant: 'client_credentials', refresh_scope: 'omit' }, /no refresh token/],
  ['refresh_scope', { refresh_scope: 'never' }, /send or omit/],
  ['grant_type', { grant_type: 'account_credentials' }, /makes none/],
  ['refresh_before_seconds', { refresh_before_seconds: 3600 }, /as long as the access token/],
  ['publish', { access_token_seconds: 53 }, /less than 54 seconds .* set it to none/],
  [
    'refresh_before_seconds',
    { access_token_seconds: 60, refresh_before_seconds: 20 },
    /more often than Secrets Manager takes new versions/,
  ],
  ['answer_seconds', { answer_seconds: 30 }, /31 to 60 seconds/],
  ['answer_seconds', { answer_seconds: 61 }, /31 to 60 seconds/],
  ['ca', { ca: SENTINEL }, /in PEM/],
  ['client.certificate', { client: { ...CLIENT, certificate: SENTINEL } }, /in PEM/],
  ['client.private_key', { client: { ...CLIENT, private_key: SENTINEL } }, /PEM or as a JWK/],
  ['client.private_key', { client_auth: 'private_key_jwt' }, /private_key_jwt needs it/],
  ['client.certificate', { client_auth: 'tls' }, /tls needs it/],
  ['client.client_secret', { client: { ...CLIENT, client_secret: '' } }, /not empty/],
  ['client.algorithm', { client: { ...CLIENT, algorithm: SENTINEL } }, /RS256/],
  ['client.expires_at', { client: { ...CLIENT, expires_at: 'soon' } }, /RFC 3339/],
  ['client.expires_at', { client: { ...CLIENT, expires_at: '2001-01-01T00:00:00Z' } }, /has passed/],
  ['fields', { fields: ['refresh_token'] }, /no token/],
  ['fields.0', { fields: ['a b'] }, /names of letters/],
  ['fields', { fields: 'a' }, /list of names/],
  ['tags', { tags: { 'aws:x': 'a' } }, /no secret|aws:/],
  ['tags', { tags: { 'renova:credential': 'a' } }, /renova:/],
  ['extra', { extra: JSON.parse('{"__proto__": "a"}') }, /__proto__/],
  ['extra', { extra: { constructor: 'a' } }, /constructor/],
  ...[
    'api_key',
    'apikey',
    'pwd',
    'pin',
    'otp',
    'authorization',
    'private_key',
    'id_token',
    'subject_token',
    'actor_token',
    'aws_secret_access_key',
    'x-amz-security-token',
    'oauth_token_secret',
    'userPassword',
    'password2',
    'client_secret_value',
    'data[client_secret]',
    'webhook_secret',
    'jwt',
    'mfa_code',
    'ＡＰＩ_key',
    'contraseña',
  ].map((name): [string, object, RegExp] => ['extra', { extra: { [name]: SENTINEL } }, /takes no secret/]),
  ...[' grant_type', 'grant_type\u200b', 'scope[]', 'scope[0]', 'Grant-Type'].map(
    (name): [string, object, RegExp] => ['extra', { extra: { [name]: 'a' } }, /cannot replace/],
  ),
  ['extra', { extra: { a: ['b', JWT] } }, /takes no secret/],
  ['headers', { headers: { 'x-trace': JWT } }, /client\.headers/],
  ['headers', { headers: { 'x-goog-api-key': SENTINEL } }, /client\.headers/],
  ['headers', { headers: { 'X-Vault-Token': SENTINEL } }, /client\.headers/],
  ['headers', { headers: { 'x-a': `Basic ${SENTINEL}` } }, /client\.headers/],
  ['fields', { fields: ['data.refresh_token'] }, /no token/],
  ['fields', { fields: ['__proto__'] }, /__proto__/],
  ['login_fields', { login_fields: { code: SENTINEL } }, /no secret/],
  ['extra', { extra: { client_id: 'a' } }, /cannot replace client_id.*beside client_auth basic/],
  ['extra', { extra: { 'refresh_token[]': SENTINEL } }, /takes no secret/],
  ...['api_key', 'pwd', 'sig', 'code', 'X-Amz-Signature', 'data[password]', 'a=1;api_key', '%61pi_key'].map(
    (name): [string, object, RegExp] => [
      'token_url',
      { token_url: `https://a.example/t?${name}=${SENTINEL}` },
      /no secret/,
    ],
  ),
  ['token_url', { token_url: `https://a.example/t;token=${SENTINEL}` }, /no secret/],
  ['token_url', { token_url: `https://a.example/t?a=${JWT}` }, /no secret/],
  ['token_url', { token_url: `https://${'x'.repeat(300)}.example/t` }, /253 characters/],
  ['token_url', { token_url: `https://${'x'.repeat(64)}.example/t` }, /1 to 63/],
  ['expires_at', { expires_at: '2100-01-01T00:00:00Z' }, /none is given/],
  ['expires_at', { access_token: SENTINEL }, /is missing/],
  ['expires_at', { access_token: SENTINEL, expires_at: '2001-01-01T00:00:00Z' }, /has passed/],
  ['refresh_token_issued_at', { refresh_token_issued_at: '2100-01-01T00:00:00Z' }, /future/],
  ['refresh_token_expires_at', { refresh_token_expires_at: '2001-01-01T00:00:00Z' }, /has passed/],
];

describe('a setting that cannot work', () => {
  for (const [at, [field, more, message]] of refusals.entries()) {
    it(`is refused by the name of ${field} (${at})`, async () => {
      const admin = new AdminWorld();
      const asked = admin.request('acme', { ...OTHER, ...more });
      const error = await admin.do(asked).then(
        () => assert.fail('it should have been refused'),
        (reason: unknown) => reason as Error & { readonly field?: string },
      );
      assert.equal(error.field, field, error.message);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /sentinel/);
      assert.match(error.message, /^[^\n]*\.$/, 'one sentence');
      assert.equal(await admin.world.ledger.load('acme'), undefined);
      assert.equal(await admin.client('acme'), undefined);
    });
  }

  it('is looked at by update too, and then nothing is changed', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', OTHER);
    const before = await admin.record('acme');
    for (const more of [
      { method: 'GET' },
      { ca: 'x' },
      { headers: { host: 'a' } },
      { client: { certificate: 'x' } },
    ]) {
      await admin.refused({ action: 'update', credential: 'acme', ...more }, 'invalid-request');
    }
    assert.deepEqual(await admin.record('acme'), before);
  });

  it('such as an empty secret and a client_id in the body works with HTTP Basic', async () => {
    const admin = new AdminWorld();
    const basic = { client_auth: 'basic', extra: { client_id: 'fake-client-id' } };
    const client = { ...CLIENT, client_secret: '' };
    assert.equal((await admin.register('acme', { ...OTHER, ...basic, client })).state, 'active');
  });
});

describe('an id that Renova uses itself', () => {
  for (const id of ['test-alert', 'networks', 'app', 'seal']) {
    it(`is refused: ${id}`, async () => {
      const admin = new AdminWorld();
      const error = await admin.refused(admin.request(id, OTHER), 'invalid-request');
      assert.equal(error.field, 'credential');
      assert.equal(await admin.world.ledger.load(id), undefined);
    });
  }
});

describe('a refresh token that is not new', () => {
  it('has its own end, from when it was issued or as it is stated', async () => {
    const admin = new AdminWorld();
    admin.isRefreshAway = true;
    const nowMs = admin.world.clock.nowMs();
    const at = (ms: number) => new Date(ms).toISOString();
    await admin.register('issued', {
      ...OTHER,
      refresh_token_seconds: 86_400,
      refresh_token_issued_at: at(nowMs - 3_600_000),
    });
    await admin.register('stated', { ...OTHER, refresh_token_expires_at: at(nowMs + 7_200_000) });
    assert.equal((await admin.record('issued')).pair?.refreshTokenExpiresAtMs, nowMs + 82_800_000);
    assert.equal((await admin.record('stated')).pair?.refreshTokenExpiresAtMs, nowMs + 7_200_000);
  });

  it('is taken over with its living access token as generation 1, and nothing is spent', async () => {
    const admin = new AdminWorld();
    const expires_at = new Date(admin.world.clock.nowMs() + 600_000).toISOString();
    const answer = await admin.register('acme', {
      ...OTHER,
      access_token: 'fake-access-token-0',
      expires_at,
    });

    assert.equal(admin.world.endpoint.received.length, 0);
    assert.deepEqual([answer.generation, answer.published, answer.expires_at], [1, true, expires_at]);
    assert.equal((await admin.world.published('acme')).access_token, 'fake-access-token-0');
    assert.equal((await admin.do({ action: 'refresh', credential: 'acme' })).reason, 'not-due');
    const refreshed = await admin.do({ action: 'refresh', credential: 'acme', force: true });
    assert.deepEqual([refreshed.result, refreshed.generation], ['refreshed', 2]);
  });
});

describe('tags', () => {
  it('are on the secrets, in list and status, and filter the list', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { ...OTHER, tags: { owner: 'collections', team: 'a' } });
    await admin.register('other', { ...OTHER, tags: { owner: 'cards' } });
    const ids = async (tags: object) =>
      (await admin.do({ action: 'list', tags })).credentials.map(
        (each: { credential: string }) => each.credential,
      );
    assert.deepEqual(await ids({ owner: 'collections' }), ['acme']);
    assert.deepEqual(await ids({ owner: 'collections', team: 'b' }), []);
    assert.deepEqual(await ids({}), ['acme', 'other']);
    assert.deepEqual((await admin.do({ action: 'status', credential: 'acme' })).tags, {
      owner: 'collections',
      team: 'a',
    });
  });

  it('that are changed are changed on the secrets that are there, and on the parameter', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { ...OTHER, parameter: true, tags: { owner: 'collections', team: 'a' } });
    const { steps } = await admin.do({ action: 'update', credential: 'acme', tags: { team: 'b' } });
    assert.ok(steps.some(({ step, ok }: { step: string; ok: boolean }) => step === 'secrets labelled' && ok));
    const { secrets, parameters } = admin.world;
    const labelled = secrets.names().filter((name) => name.startsWith('renova/prd/acme/'));
    assert.ok(labelled.length > 1);
    for (const name of labelled) {
      assert.deepEqual(secrets.tags(name), { team: 'b', 'renova:credential': 'acme' }, name);
    }
    const parameter = parameters.tags('/renova/prd/acme/token');
    assert.deepEqual(parameter, { team: 'b', 'renova:credential': 'acme' });
  });
});

describe('a setting that is taken back', () => {
  const given = {
    user_agent: 'fake-bank-code',
    headers: { 'x-a': 'b' },
    extra: { audience: 'a' },
    access_token_seconds: 600,
    refresh_token_seconds: 86_400,
    quota: { key: 'other', limit: 5, window_seconds: 60 },
    fields: ['hub_id'],
    tags: { owner: 'collections' },
  };

  it('is what the profile knows again, or none', async () => {
    const admin = new AdminWorld();
    const { user_agent: _, ...more } = given;
    await admin.register('acme', { provider: 'bling', ...more });
    const names = Object.keys(given);
    await admin.do({ action: 'update', credential: 'acme', clear: names });
    const record = await admin.world.record('acme');
    assert.deepEqual(record.headers, { 'enable-jwt': '1' });
    assert.deepEqual(record.quota, { key: 'bling', limit: 19, windowMs: 60_000 });
    assert.deepEqual(
      [record.userAgent, record.extra, record.fields, record.tags, record.accessTokenMaxMs],
      [undefined, {}, undefined, undefined, undefined],
    );
    assert.deepEqual([record.defaultAccessTokenMs, record.refreshTokenMs], [21_600_000, 2_592_000_000]);
    assert.equal('user_agent' in (await admin.world.published('acme')), false);
  });

  it('that is demanded cannot be taken back, nor one that is given at the same time, nor one that is none', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const update = (more: object) => admin.do({ action: 'update', credential: 'acme', ...more });
    await assert.rejects(update({ clear: ['user_agent'] }), /user_agent: is missing; in production BS2/);
    await assert.rejects(update({ clear: ['extra'], extra: {} }), /clear: has extra, which is given too/);
    await assert.rejects(update({ clear: ['provider'] }), /clear/);
    await assert.rejects(update({ clear: ['scope'] }), /scope/);
  });
});
