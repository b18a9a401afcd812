// A login at another device (RFC 8628), from the command line to the sandbox, over real sockets in virtual time.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { run } from '../../cli/program.ts';
import { createProfileProvider } from '../../local/sandboxes/profile/profile-rules.ts';
import { AdminError } from '../../shared/admin/admin-error.ts';
import type { ProviderProfile } from '../../shared/provider/profile.ts';
import { ProviderWorld } from './provider-world.ts';

const CLIENT = { client_id: 'fake-client-id', client_secret: 'fake-sentinel-client-secret' };
const DEVICES: ProviderProfile = {
  provider: 'oauth2',
  grants: ['refresh_token'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: { hml: 3600, prd: 3600 },
  refreshTokenRotation: 'always',
};

/** What happens while the command sleeps before its n-th question. */
type Meanwhile = (turn: number, person: Person) => Promise<void> | void;

interface Person {
  /** Types the code that the command shows, and decides. */
  decide(decision: 'allow' | 'deny'): Promise<void>;
  stop(): void;
}

async function play(t: TestContext, { slowDownAt = 0 } = {}) {
  const world = new ProviderWorld(t);
  const { clock } = world.world;
  const sandbox = createProfileProvider(DEVICES, { clock, env: 'prd', scale: 1 });
  let questions = 0;
  const url = await world.serve((request, response) => {
    const isQuestion = request.url === '/oauth/token';
    if (isQuestion) questions += 1;
    if (isQuestion && questions === slowDownAt) {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error": "slow_down"}');
      return;
    }
    return sandbox.listener(request, response);
  });
  await fetch(`${url}/_sandbox/clients`, { method: 'POST', body: JSON.stringify({ ...CLIENT, scope: 'a' }) });
  const settings = ['--provider', 'oauth2', '--token-url', `${url}/oauth/token`, '--client-auth', 'post'];
  const place = ['--device', '--device-url', `${url}/device_authorization`, '--env', 'prd'];
  return {
    world,
    url,
    sandbox,
    line: ['login', 'tv', ...settings, ...place],
    again: ['login', 'tv', '--reseed', ...place],
  };
}

type Played = Awaited<ReturnType<typeof play>>;

async function renova({ world, url }: Played, line: readonly string[], meanwhile: Meanwhile) {
  const { clock } = world.world;
  const [out, err]: [string[], string[]] = [[], []];
  const requests: Readonly<Record<string, unknown>>[] = [];
  const sleeps: number[] = [];
  const stopped = Promise.withResolvers<void>();
  const person: Person = {
    decide: async (decision) => {
      const [code = ''] = /[A-Z]{4}-[A-Z]{4}/.exec(err.join('')) ?? [];
      const body = new URLSearchParams({ user_code: code.toLowerCase().replace('-', ''), decision });
      const answer = await fetch(`${url}/device`, { method: 'POST', body });
      assert.equal(answer.status, 200, await answer.text());
    },
    stop: () => stopped.resolve(),
  };
  const exitCode = await run(line, {
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (ms) => {
        sleeps.push(ms / 1000);
        await meanwhile(sleeps.length, person);
        await clock.advance(ms);
      },
    },
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    stdin: Object.assign((async function* () {})(), { isTTY: true }),
    prompts: { visible: async () => CLIENT.client_id, hidden: async () => CLIENT.client_secret },
    environment: {},
    browse: () => assert.fail('no browser is opened'),
    untilStopped: () => stopped.promise,
    connect: () => ({
      askAws: async () => ({ ok: false, code: 'AccessDeniedException' }),
      invoke: async (_to, request) => {
        requests.push(request);
        try {
          return await world.do(request);
        } catch (error) {
          if (!(error instanceof AdminError)) throw error;
          return { error: { code: error.code, message: error.message, remedy: error.remedy } };
        }
      },
      close: () => undefined,
    }),
  });
  return { exitCode, stdout: out.join(''), stderr: err.join(''), requests, sleeps };
}

const later =
  (turn: number, act: (person: Person) => Promise<void> | void): Meanwhile =>
  (now, person) =>
    now === turn ? act(person) : undefined;

describe('renova login --device', () => {
  it('shows a code, waits for whoever enters it elsewhere, and registers', async (t) => {
    const played = await play(t);
    const { exitCode, stdout, stderr, sleeps } = await renova(
      played,
      played.line,
      later(3, (person) => person.decide('allow')),
    );
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /tv is registered \(generation 1\)/);
    assert.match(
      stderr,
      /Open this page on any device and enter the code:\n\n {2}http:\/\/127\.0\.0\.1:\d+\/device\n {2}[A-Z]{4}-[A-Z]{4}\n/,
    );
    assert.deepEqual(sleeps, [5, 5, 5]);
    assert.doesNotMatch(stdout + stderr, /sentinel/);
    assert.ok(await played.world.tokenOf('tv'));
    // One question in each interval, and the first refresh of the new chain.
    assert.equal(played.sandbox.stats().token_requests, 4);
  });

  it('begins a new chain with --reseed, with the client that is kept', async (t) => {
    const played = await play(t);
    await renova(
      played,
      played.line,
      later(1, (person) => person.decide('allow')),
    );
    const { chain } = await played.world.record('tv');
    const done = await renova(
      played,
      played.again,
      later(1, (person) => person.decide('allow')),
    );
    assert.equal(done.exitCode, 0, done.stderr);
    assert.match(done.stdout, /tv has a new chain \(generation 2\)/);
    assert.notEqual((await played.world.record('tv')).chain, chain);
  });

  it('asks more slowly from then on when it is told to', async (t) => {
    const played = await play(t, { slowDownAt: 2 });
    const { exitCode, sleeps } = await renova(
      played,
      played.line,
      later(4, (person) => person.decide('allow')),
    );
    assert.equal(exitCode, 0);
    assert.deepEqual(sleeps, [5, 5, 10, 10]);
    // That is between the two: the quota of the provider's credentials is not closed by it.
    assert.ok(await played.world.tokenOf('tv'));
  });

  it('ends in one sentence when the person refuses', async (t) => {
    const played = await play(t);
    const { exitCode, stderr } = await renova(
      played,
      played.line,
      later(2, (person) => person.decide('deny')),
    );
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /^renova: The login brought no token: .*access_denied.*\nThe person refused it\. Log in again with renova login\.\n$/m,
    );
    assert.equal(await played.world.world.ledger.load('tv'), undefined);
  });

  it('ends in one sentence when nobody enters the code in time', async (t) => {
    const played = await play(t);
    const { exitCode, stderr, sleeps } = await renova(played, played.line, () => undefined);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^renova: nobody entered the code within 600 s; nothing was changed$/m);
    assert.equal(sleeps.length, 120);
    assert.equal(played.sandbox.stats().issued, 0);
  });

  it('ends in one sentence with Ctrl+C, and nothing is half-written', async (t) => {
    const played = await play(t);
    const { exitCode, stderr } = await renova(
      played,
      played.line,
      later(2, (person) => person.stop()),
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /^renova: stopped before anybody decided; nothing was changed$/m);
    assert.equal(await played.world.world.ledger.load('tv'), undefined);
    assert.equal(await played.world.client('tv'), undefined);
  });

  it('says so where the provider lets no device in', async (t) => {
    const played = await play(t);
    const line = played.line.map((word) =>
      word.endsWith('/device_authorization') ? `${played.url}/nowhere` : word,
    );
    const { exitCode, stderr } = await renova(played, line, () => assert.fail('nothing to wait for'));
    assert.equal(exitCode, 1);
    assert.match(stderr, /^renova: The login brought no token: /m);
  });
});
