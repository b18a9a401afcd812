// Every sentence of the BS2 "Authentication" page that says how the provider behaves, as a test of that name.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bs2 } from '../../../../shared/provider/banks/bs2.ts';
import { Secret } from '../../../../shared/secret/secret.ts';
import { buildTokenRequest } from '../../../../shared/token-endpoint/request/token-request.ts';
import { CLIENT, HOUR_MS, MINUTE_MS, refusal, runProvider } from '../provider/running-provider.ts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe('Collection APIs are based on the OAuth 2 protocol, specifically, with refresh_token flow', () => {
  test('a refresh answers a pair of GUIDs that no cache keeps', async (t) => {
    const provider = await runProvider(t);
    const response = await provider.refresh(await provider.grant());
    const { access_token, refresh_token, ...rest } = (await response.json()) as Record<string, unknown>;

    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.match(`${access_token}`, GUID);
    assert.match(`${refresh_token}`, GUID);
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 300, scope: CLIENT.scope });
  });

  test('other grants are refused to a client of Collection', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    const login = { username: 'fake-user', password: 'fake-password' };
    for (const grant_type of ['client_credentials', 'password']) {
      const response = await provider.refresh(refreshToken, { grant_type, ...login });
      assert.deepEqual(await refusal(response), [400, 'unauthorized_client']);
    }
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const response = await provider.refresh(refreshToken, { grant_type });
    assert.deepEqual(await refusal(response), [400, 'unsupported_grant_type']);
  });
});

describe('If the refresh_token expires, you must access the platform BS2 Empresas and generate new token', () => {
  test('an expired refresh token is invalid_grant, and a generated one begins anew', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    await provider.clock.advance(48 * HOUR_MS);

    assert.deepEqual(await refusal(await provider.refresh(refreshToken)), [400, 'invalid_grant']);
    assert.equal((await provider.refresh(await provider.grant())).status, 200);
    assert.equal((await provider.stats()).reused_refresh_tokens, 0, 'expiry is no reuse');
  });
});

describe('up to 10 access_token and refresh_token requests per minute', () => {
  const burst = async (provider: Awaited<ReturnType<typeof runProvider>>, count: number) => {
    for (let i = 0; i < count; i++) await provider.refresh('fake-refresh-token-1');
  };

  test('the eleventh within a minute is 429 with Retry-After and counted, whatever became of the ten', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    await burst(provider, 10);
    await provider.clock.advance(59_999);

    const response = await provider.refresh(refreshToken);

    assert.equal(response.headers.get('retry-after'), '1');
    assert.deepEqual(await refusal(response), [429, 'too_many_requests']);
    const { token_requests, throttled, busiest_window, issued } = await provider.stats();
    assert.deepEqual(
      { token_requests, throttled, busiest_window, issued },
      {
        token_requests: 11,
        throttled: 1,
        busiest_window: 11,
        issued: 0,
      },
    );
  });

  test('exactly a minute after the first, the next is served, and the throttled one had spent nothing', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    await burst(provider, 10);
    assert.equal((await provider.refresh(refreshToken)).status, 429);
    await provider.clock.advance(60_000);

    assert.equal((await provider.refresh(refreshToken)).status, 200);
    assert.equal((await provider.stats()).busiest_window, 11);
  });

  test('the quota is one for all clients', async (t) => {
    const provider = await runProvider(t);
    const other = { ...CLIENT, client_id: 'fake-client-id-2' };
    const refreshToken = await provider.grant(other);
    await burst(provider, 10);
    assert.equal((await provider.refresh(refreshToken, other)).status, 429);
  });
});

describe("The expires_in field represents the token's validity in seconds", () => {
  for (const [env, scale, expiresIn, livesMs] of [
    ['prd', 1, 300, 300_000],
    ['hml', 1, 420, 420_000],
    ['prd', 60, 5, 5_000],
    ['hml', 8, 52, 52_500],
  ] as const) {
    test(`${env} at scale ${scale}: alive until the last millisecond, dead at ${livesMs} ms`, async (t) => {
      const provider = await runProvider(t, { env, scale });
      const pair = await provider.refreshed(await provider.grant());
      assert.equal(pair.expires_in, expiresIn);

      await provider.clock.advance(livesMs - 1);
      assert.equal(await provider.open(pair.access_token), 200);
      await provider.clock.advance(1);
      assert.equal(await provider.open(pair.access_token), 401);
    });
  }
});

describe('The refreshtoken has a longer validity time (48 hours) than the access_token validity (5 minutes in PRD and 7 minutes in HML)', () => {
  test('even if the access token is invalid and the _refresh_token is valid, it is still possible to run the refresh_token flow to generate a new, valid token', async (t) => {
    const provider = await runProvider(t);
    const pair = await provider.refreshed(await provider.grant());
    await provider.clock.advance(48 * HOUR_MS - 1);

    assert.equal(await provider.open(pair.access_token), 401);
    const next = await provider.refreshed(pair.refresh_token);
    assert.equal(await provider.open(next.access_token), 200);
  });

  test('a refresh token of a refresh is dead at exactly 48 hours, under scale at 48 hours divided by it', async (t) => {
    for (const scale of [1, 60]) {
      const provider = await runProvider(t, { scale });
      const pair = await provider.refreshed(await provider.grant());
      await provider.clock.advance((48 * HOUR_MS) / scale);
      assert.deepEqual(await refusal(await provider.refresh(pair.refresh_token)), [400, 'invalid_grant']);
    }
  });

  test('under scale a refresh token lives until the last millisecond', async (t) => {
    const provider = await runProvider(t, { scale: 60 });
    const refreshToken = await provider.grant();
    await provider.clock.advance((48 * HOUR_MS) / 60 - 1);
    assert.equal((await provider.refresh(refreshToken)).status, 200);
  });
});

describe('When a new token is generated, the previous token is immediately invalidated', () => {
  test('the old access token is refused and the new one is not, with no time in between', async (t) => {
    const provider = await runProvider(t);
    const first = await provider.refreshed(await provider.grant());
    assert.equal(await provider.open(first.access_token), 200);

    const second = await provider.refreshed(first.refresh_token);

    assert.equal(await provider.open(first.access_token), 401);
    assert.equal(await provider.open(second.access_token), 200);
    const { resource_ok, resource_401, issued } = await provider.stats();
    assert.deepEqual({ resource_ok, resource_401, issued }, { resource_ok: 2, resource_401: 1, issued: 2 });
  });
});

describe('with each new token generated, a new refresh_token is also generated', () => {
  test('the spent refresh token is invalid_grant, counted as reuse, and the current pair lives on', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    const pair = await provider.refreshed(refreshToken);
    assert.notEqual(pair.refresh_token, refreshToken);

    assert.deepEqual(await refusal(await provider.refresh(refreshToken)), [400, 'invalid_grant']);
    assert.equal((await provider.stats()).reused_refresh_tokens, 1);
    assert.equal(await provider.open(pair.access_token), 200);
    assert.equal((await provider.refresh(pair.refresh_token)).status, 200);
  });

  test('of two posts at once with one refresh token exactly one gets a pair', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();

    const responses = await Promise.all([provider.refresh(refreshToken), provider.refresh(refreshToken)]);

    assert.deepEqual(responses.map((response) => response.status).sort(), [200, 400]);
    const { issued, reused_refresh_tokens } = await provider.stats();
    assert.deepEqual({ issued, reused_refresh_tokens }, { issued: 1, reused_refresh_tokens: 1 });
  });
});

describe('When generating a new access_token, the existing key will be automatically invalidated, if it exists', () => {
  test('the first refresh of a grant has no key to invalidate, and leaves other grants of the client alone', async (t) => {
    const provider = await runProvider(t);
    const first = await provider.refreshed(await provider.grant());

    const second = await provider.refreshed(await provider.grant());

    assert.equal(await provider.open(first.access_token), 200);
    assert.equal(await provider.open(second.access_token), 200);
    assert.equal((await provider.refresh(first.refresh_token)).status, 200);
  });
});

test("To carry out the refresh token, follow the instructions, and what they say is all that Renova's request has", async (t) => {
  const provider = await runProvider(t);
  // 1. Generate a new refresh_token on the BS2 Empresas platform
  const refreshToken = await provider.grant();
  // 2. With the API Key, API Secret and Scope, create an HTTP POST request to the URL '/auth/oauth/v2/token'
  const built = await buildTokenRequest(
    {
      tokenUrl: `${provider.url}/auth/oauth/v2/token`,
      clientAuth: bs2.clientAuth,
      client: { clientId: CLIENT.client_id, clientSecret: new Secret(CLIENT.client_secret) },
      grant: 'refresh_token',
      refreshToken: new Secret(refreshToken),
      scope: CLIENT.scope,
      extra: {},
    },
    Date.now(),
  );
  const { method, url, headers, secretHeaders, body } = built;
  assert.deepEqual([method, url.pathname, secretHeaders], ['POST', '/auth/oauth/v2/token', {}]);
  // 3. In Body, use the values
  const sent = Object.fromEntries(new URLSearchParams(body.reveal()));
  assert.deepEqual(sent, { ...CLIENT, grant_type: 'refresh_token', refresh_token: refreshToken });
  // 4. Make the request and obtain the access_token
  const response = await fetch(url, { method, headers, body: body.reveal() });
  const { access_token } = (await response.json()) as { access_token: string };
  assert.equal(await provider.open(access_token), 200);
});

describe('In Body, use the values retrieved from the application', () => {
  test('scope with a value equal to the Scope obtained with the credentials, in any order', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    const refused = [
      undefined,
      '',
      'fake.charges.read',
      `${CLIENT.scope} fake.more`,
      CLIENT.scope.toUpperCase(),
    ];
    for (const scope of refused) {
      assert.deepEqual(await refusal(await provider.refresh(refreshToken, { scope })), [
        400,
        'invalid_scope',
      ]);
    }
    const scope = 'fake.charges.write fake.charges.read';
    assert.equal((await provider.refresh(refreshToken, { scope })).status, 200, 'nothing was spent');
  });

  test('grant_type with text equal to refresh_token: no other text is taken, and none at all', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    for (const [grant_type, refused] of [
      ['REFRESH_TOKEN', 'unsupported_grant_type'],
      ['refresh-token', 'unsupported_grant_type'],
      [undefined, 'invalid_request'],
    ] as const) {
      assert.deepEqual(await refusal(await provider.refresh(refreshToken, { grant_type })), [400, refused]);
    }
    assert.equal((await provider.refresh(refreshToken)).status, 200, 'nothing was spent');
  });

  test('refresh_token with value equal to the last valid refresh_token generated, for this client', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    const other = { ...CLIENT, client_id: 'fake-client-id-2' };
    await provider.grant(other);

    assert.deepEqual(await refusal(await provider.refresh('fake-refresh-token-1')), [400, 'invalid_grant']);
    assert.deepEqual(await refusal(await provider.refresh(refreshToken, other)), [400, 'invalid_grant']);
    assert.equal((await provider.stats()).reused_refresh_tokens, 0, 'neither is a reuse');
    assert.equal((await provider.refresh(refreshToken)).status, 200, 'nothing was spent');
  });

  test('client_id with client_id value, client_secret with value of client_secret', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    for (const wrong of [{ client_id: 'fake-stranger' }, { client_secret: 'fake-wrong-secret' }]) {
      const response = await provider.refresh(refreshToken, wrong);
      assert.match(response.headers.get('www-authenticate') ?? '', /^Basic /);
      assert.deepEqual(await refusal(response), [401, 'invalid_client']);
    }
    assert.equal((await provider.refresh(refreshToken)).status, 200, 'nothing was spent');
  });

  test('a client that is registered again has the new client secret only', async (t) => {
    const provider = await runProvider(t);
    const refreshToken = await provider.grant();
    const renewed = { ...CLIENT, client_secret: 'fake-client-secret-2' };
    await provider.grant(renewed);

    assert.equal((await provider.refresh(refreshToken)).status, 401);
    assert.equal((await provider.refresh(refreshToken, renewed)).status, 200);
  });

  test('create an HTTP POST request: another method is 405, and an arrival like any other', async (t) => {
    const provider = await runProvider(t);
    const response = await fetch(`${provider.url}/auth/oauth/v2/token`);
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST']);
    assert.equal((await provider.stats()).token_requests, 1);
  });
});

test('manage the access_token and refresh_token by your system so that the token never expires: a chain of refreshes outlives 48 hours', async (t) => {
  const provider = await runProvider(t);
  let refreshToken = await provider.grant();
  for (let hours = 0; hours < 96; hours += 24) {
    await provider.clock.advance(24 * HOUR_MS - MINUTE_MS);
    ({ refresh_token: refreshToken } = await provider.refreshed(refreshToken));
  }
  assert.equal((await provider.stats()).issued, 4);
});
