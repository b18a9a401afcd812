// Providers that answer in ways of their own, over real sockets: no chain ends that they would go on with, no life is
// believed that nobody stated, and an operator is told what helps.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { ProviderWorld } from './provider-world.ts';

interface Asked {
  /** How many requests came before this one. */
  readonly before: number;
  readonly nowMs: number;
  readonly parameters: URLSearchParams;
}

interface Said {
  readonly status?: number;
  readonly body: string | object;
}

/** A provider that says what `answer` says, and notes what it was asked. */
class Played {
  readonly world: ProviderWorld;
  readonly asked: Asked[] = [];
  #nowMs = 0;
  readonly #answer: (asked: Asked) => Said;

  constructor(t: TestContext, answer: (asked: Asked) => Said) {
    this.#answer = answer;
    this.world = new ProviderWorld(t);
    this.world.onPost = (nowMs) => {
      this.#nowMs = nowMs;
    };
  }

  async register(settings: object = {}): Promise<void> {
    const tokenUrl = await this.world.serve((request, response) => void this.#serve(request, response));
    await this.world.do({
      action: 'register',
      credential: 'acme',
      provider: 'oauth2',
      token_url: tokenUrl,
      client: { client_id: 'fake-id', client_secret: 'fake-secret' },
      ...('grant' in settings ? {} : { refresh_token: 'fake-refresh-0' }),
      ...settings,
    });
  }

  get record() {
    return this.world.record('acme');
  }

  async lifeSeconds(): Promise<number> {
    const { pair } = await this.record;
    return ((pair?.expiresAtMs ?? 0) - (pair?.issuedAtMs ?? 0)) / 1000;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const asked = { before: this.asked.length, nowMs: this.#nowMs, parameters: new URLSearchParams(text) };
    this.asked.push(asked);
    const { status = 200, body } = this.#answer(asked);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}

const MINUTE_MS = 60_000;

/** The pair after `before` answers. */
const pair = ({ before }: Asked, more: object = {}) => ({
  access_token: `fake-access-${before + 1}`,
  refresh_token: `fake-refresh-${before + 1}`,
  token_type: 'bearer',
  expires_in: 600,
  ...more,
});

const posted = ({ parameters }: Asked) => parameters.get('refresh_token');

test('a refresh token that ends before half of its access token is renewed in time, for six hours', async (t) => {
  const lifeMs = 20 * MINUTE_MS;
  let issuedAtMs = Number.POSITIVE_INFINITY;
  const provider: Played = new Played(t, (asked) => {
    if (asked.nowMs - issuedAtMs >= lifeMs) return { status: 400, body: { error: 'invalid_grant' } };
    issuedAtMs = asked.nowMs;
    return { body: pair(asked, { expires_in: 86_400, refresh_token_expires_in: lifeMs / 1000 }) };
  });
  await provider.register();
  await provider.world.live(6 * 60);
  const { state, generation } = await provider.record;
  assert.equal(state, 'active');
  assert.ok(generation >= 6 * 3 && generation <= 6 * 7, `${generation}`);
});

test('an end in another unit ends no chain that the provider goes on with', async (t) => {
  const provider = new Played(t, (asked) => ({ body: pair(asked, { refresh_token_expires_in: 48 }) }));
  await provider.register();
  await provider.world.live(120);
  assert.equal((await provider.record).state, 'active');
  assert.ok(provider.asked.every((asked) => posted(asked) === `fake-refresh-${asked.before}`));
});

test('a refresh token that is not replaced and renewed by each use outlives its registered life', async (t) => {
  const provider = new Played(t, (asked) => ({
    body: pair(asked, { refresh_token: undefined, expires_in: 3600 }),
  }));
  await provider.register({ refresh_token_seconds: 6 * 3600 });
  await provider.world.live(8 * 60);
  assert.equal((await provider.record).state, 'active');
  await provider.world.tokenOf('acme');
});

test('one absurd life of an access token does not put the refresh off beyond half of the refresh token', async (t) => {
  const provider = new Played(t, (asked) => ({
    body: pair(asked, { expires_in: 420_000, refresh_token_expires_in: 172_800 }),
  }));
  await provider.register();
  const { refreshAtMs, pair: current } = await provider.record;
  assert.ok(refreshAtMs - (current?.issuedAtMs ?? 0) <= 86_400_000);
});

test('a 403 of a firewall for minutes is a passing trouble', async (t) => {
  let awayUntilMs = 0;
  let wellAtMs: number | undefined;
  const provider = new Played(t, (asked) => {
    if (asked.before === 2) awayUntilMs = asked.nowMs + 3 * MINUTE_MS;
    if (asked.nowMs < awayUntilMs) return { status: 403, body: '<html>Forbidden</html>' };
    if (asked.before > 2) wellAtMs ??= asked.nowMs;
    return { body: pair(asked) };
  });
  await provider.register();
  await provider.world.live(40);
  assert.ok(
    wellAtMs !== undefined && wellAtMs - awayUntilMs <= 4 * MINUTE_MS,
    'tried again within a back-off step',
  );
  await provider.world.tokenOf('acme');
});

for (const [what, trouble] of [
  ['a 200 that says that the system is busy', { body: { success: false, code: -1, msg: 'system busy' } }],
  [
    'a request that is already being processed',
    {
      status: 400,
      body: { error: 'invalid_request', error_description: 'token request is already being processed' },
    },
  ],
] as const) {
  test(`${what} spends nothing: the same token is posted again, and brings the next generation`, async (t) => {
    const provider = new Played(t, (asked) => (asked.before === 2 ? trouble : { body: pair(asked) }));
    await provider.register();
    await provider.world.live(20);
    const [, , busy, again] = provider.asked;
    assert.ok(busy && again);
    assert.equal(posted(again), posted(busy));
    assert.ok(again.nowMs - busy.nowMs <= 2 * MINUTE_MS, `${again.nowMs - busy.nowMs} ms later`);
    assert.ok((await provider.record).generation >= 3);
  });
}

for (const [what, refusal] of [
  ['invalid_grant with a 403', { status: 403, body: { error: 'invalid_grant' } }],
  ['bad_refresh_token in a 200', { body: { error: 'bad_refresh_token' } }],
] as const) {
  const refuses = (asked: Asked) =>
    asked.before < 2 || asked.parameters.get('grant_type') !== 'refresh_token'
      ? { body: pair(asked) }
      : refusal;

  test(`${what} is a refused grant: the chain ends after a second one`, async (t) => {
    const provider = new Played(t, refuses);
    await provider.register();
    await provider.world.live(20);
    const { state, lapse } = await provider.record;
    assert.deepEqual([state, lapse?.reason], ['lapsed', 'grant-refused']);
    assert.equal(provider.asked.length, 4);
    const told = provider.world.world.events.accepted.find(({ type }) => type === 'Credential Lapsed');
    assert.equal(told?.detail.command?.name, 'reseed');
  });

  test(`${what} makes a grant that can log in do so at once`, async (t) => {
    const provider = new Played(t, refuses);
    await provider.register({
      grant: 'password',
      client: {
        client_id: 'fake-id',
        client_secret: 'fake-secret',
        username: 'u',
        password: 'fake-password',
      },
    });
    await provider.world.live(20);
    assert.equal((await provider.record).state, 'active');
    const [, , refused, login] = provider.asked;
    assert.ok(refused && login && login.nowMs - refused.nowMs <= MINUTE_MS);
    assert.equal(login.parameters.get('grant_type'), 'password');
  });
}

test('a stated life of 0 is none: the token is not served, and asked for again at the next turn', async (t) => {
  const provider = new Played(t, (asked) => ({
    body: { access_token: `fake-access-${asked.before + 1}`, expires_in: asked.before === 0 ? 0 : 600 },
  }));
  await provider.register({ grant: 'client_credentials' });
  assert.equal(await provider.lifeSeconds(), 0);
  await provider.world.live(2);
  assert.equal(await provider.lifeSeconds(), 600);
  await provider.world.tokenOf('acme');
});

test('a life that is not stated again is the last one that was', async (t) => {
  const provider = new Played(t, (asked) => ({
    body: pair(asked, { expires_in: asked.before === 0 ? 600 : undefined }),
  }));
  await provider.register();
  await provider.world.live(20);
  assert.ok(provider.asked.length > 2);
  assert.equal(await provider.lifeSeconds(), 600);
});

for (const [what, members, settings, seconds] of [
  ['milliseconds beside seconds', { expires_in: 3_600_000, expires_in_sec: 3600 }, {}, 3600],
  ['milliseconds, and the seconds registered', { expires_in: 600_000 }, { access_token_seconds: 600 }, 600],
] as const) {
  test(`a life in ${what} is that of the token`, async (t) => {
    const provider = new Played(t, (asked) => ({ body: pair(asked, members) }));
    await provider.register(settings);
    assert.equal(await provider.lifeSeconds(), seconds);
  });
}

test('a life that is stated as its end is understood', async (t) => {
  const provider = new Played(t, (asked) => ({
    // The adapter reads answers by the clock of the machine.
    body: pair(asked, { expires_in: undefined, expires_at: Math.floor(Date.now() / 1000) + 900 }),
  }));
  await provider.register();
  const seconds = await provider.lifeSeconds();
  assert.ok(seconds > 840 && seconds <= 901, `${seconds}`);
});

test('a provider that refuses early refreshes is asked late, by a setting', async (t) => {
  let issuedAtMs = Number.NEGATIVE_INFINITY;
  let early = 0;
  const provider = new Played(t, (asked) => {
    if (asked.nowMs - issuedAtMs < 480_000) {
      early += 1;
      return { status: 400, body: { error: 'access_denied' } };
    }
    issuedAtMs = asked.nowMs;
    return { body: pair(asked) };
  });
  await provider.register({ refresh_before_seconds: 120 });
  await provider.world.live(60, async () => void (await provider.world.tokenOf('acme')));
  assert.equal(early, 0);
});

test('a login needs the scope and a refresh must not have it: alive by a setting, and without one', async (t) => {
  for (const settings of [{ refresh_scope: 'omit' }, {}]) {
    const provider = new Played(t, (asked) => {
      const isRefresh = asked.parameters.get('grant_type') === 'refresh_token';
      return isRefresh === asked.parameters.has('scope')
        ? { status: 400, body: { error: 'invalid_scope' } }
        : { body: pair(asked) };
    });
    await provider.register({
      ...settings,
      grant: 'password',
      scope: 'api offline_access',
      client: {
        client_id: 'fake-id',
        client_secret: 'fake-secret',
        username: 'u',
        password: 'fake-password',
      },
    });
    await provider.world.live(30);
    assert.ok((await provider.record).generation >= 3);
    await provider.world.tokenOf('acme');
  }
});

test('a pair that lies in a member of the answer is kept', async (t) => {
  const provider = new Played(t, (asked) => ({ body: { status: 0, body: pair(asked) } }));
  await provider.register({ extra: { action: 'requesttoken' } });
  await provider.world.live(20);
  assert.ok((await provider.record).generation >= 3);
});

test('words that may mean the grant or the client name both remedies', async (t) => {
  const session = { error: 'invalid_request', error_description: 'session not found' };
  const provider = new Played(t, (asked) =>
    asked.before < 2 ? { body: pair(asked) } : { status: 400, body: session },
  );
  await provider.register();
  await provider.world.live(120);
  assert.equal((await provider.record).state, 'active');
  const told = provider.world.world.events.accepted.find(({ type }) => type === 'Credential Misconfigured');
  const said = JSON.stringify(told?.detail);
  assert.match(said, /renova update acme --client/);
  assert.match(said, /reseed/);
});

test('the end of the refresh token is known by other names', async (t) => {
  const provider = new Played(t, (asked) => ({
    body: pair(asked, { x_refresh_token_expires_in: 8_726_400 }),
  }));
  await provider.register();
  const { pair: current } = await provider.record;
  assert.equal((current?.refreshTokenExpiresAtMs ?? 0) - (current?.issuedAtMs ?? 0), 8_726_400_000);
});
