import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { startAgent } from '../../../cli/agent/agent.ts';
import { CommandFailure } from '../../../cli/errors.ts';
import { createTokenSource, type Fetch } from '../../../client/index.ts';
import { eventually } from '../../integration/eventually.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { runCommand } from '../run-command.ts';

const START_MS = Date.UTC(2026, 0, 1, 11);
const OURS = { 'x-renova-agent': '1' };

describe('an agent', () => {
  it('serves a token as the read API does', async (t) => {
    const { get } = await startWorld(t);

    const answer = await get('/tokens/acme', OURS);

    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('cache-control'), 'private, max-age=150');
    assert.equal(answer.headers.get('etag'), '"1"');
    const body = await answer.text();
    assert.ok(body.endsWith('}\n'), 'the prompt after a curl begins on the next line');
    assert.deepEqual(JSON.parse(body), {
      access_token: 'fake-access-1',
      token_type: 'Bearer',
      scope: 'fake-scope',
      issued_at: '2026-01-01T11:00:00.000Z',
      expires_at: '2026-01-01T11:05:00.000Z',
      expires_in: 300,
      refresh_after: '2026-01-01T11:02:30.000Z',
      generation: 1,
      user_agent: 'BANK-CODE-7',
      fields: { instance_url: 'https://eu1.example' },
    });
    assert.equal((await get('/tokens/acme', { ...OURS, 'if-none-match': 'W/"1"' })).status, 304);
    assert.equal((await get('/tokens/acme', { ...OURS, 'if-none-match': '"2"' })).status, 200);
  });

  it('passes on a least time to live', async (t) => {
    const world = await startWorld(t);

    const answer = await world.get('/tokens/acme?min_ttl=301', OURS);

    assert.equal(answer.status, 200);
    assert.ok(world.api.asked.includes('GET https://api.example/tokens/acme?min_ttl=301'));
  });

  it('has a reported token replaced, once for all who report it', async (t) => {
    const { report, get, api } = await startWorld(t);
    await get('/tokens/acme', OURS);

    const answers = await Promise.all([report(1), report(1), report(0)]);

    for (const answer of answers) assert.equal(answer.status, 200);
    const [first, second] = (await Promise.all(answers.map((each) => each.json()))) as {
      generation: number;
    }[];
    assert.deepEqual([first?.generation, second?.generation], [2, 2]);
    assert.equal(api.asked.filter((each) => each.startsWith('POST')).length, 1);
    assert.equal(((await (await report(1)).json()) as { generation: number }).generation, 2);
  });

  it('gives nothing without its header, to another host name, or for another credential', async (t) => {
    const { get, url } = await startWorld(t);

    for (const [headers, path, status, code] of [
      [{}, '/tokens/acme', 403, 'agent-header-missing'],
      [{ 'x-renova-agent': 'yes' }, '/tokens/acme', 403, 'agent-header-missing'],
      [OURS, '/tokens/other', 404, 'unknown-credential'],
      [OURS, '/tokens/%61cme', 404, 'unknown-route'],
      [OURS, '/', 404, 'unknown-route'],
      [OURS, '/tokens/acme?min_ttl=-1', 400, 'invalid-request'],
    ] as const) {
      const answer = await get(path, headers);
      assert.deepEqual(
        [answer.status, ((await answer.json()) as { code: string }).code],
        [status, code],
        path,
      );
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
    assert.equal(await statusWithHost(url, 'attacker.example'), 403);
    assert.equal((await get('/healthz', {})).status, 200);
  });

  it('refuses a report that it cannot read', async (t) => {
    const { url } = await startWorld(t);
    for (const body of [
      '',
      '{}',
      '{"generation":"1"}',
      '{"generation":1.5}',
      `{"generation":1,"x":"${'x'.repeat(2000)}"}`,
    ]) {
      const answer = await fetch(`${url}/tokens/acme/refused`, { method: 'POST', headers: OURS, body });
      assert.equal(answer.status, 400, body.slice(0, 30));
    }
  });

  it('passes on why there is no token', async (t) => {
    const world = await startWorld(t, {
      answer: () => Response.json({ code: 'credential-lapsed', detail: 'reseed it' }, { status: 409 }),
    });
    assert.deepEqual(world.told, ['acme: reseed it'], 'before anybody asks');
    const lapsed = await world.get('/tokens/acme', OURS);
    assert.equal(lapsed.status, 409);
    assert.match(await lapsed.text(), /"code":"credential-lapsed","detail":"reseed it"/);

    world.api.answer = () =>
      Response.json({ code: 'refresh-pending' }, { status: 503, headers: { 'retry-after': '7' } });
    const pending = await world.get('/tokens/acme', OURS);
    assert.deepEqual([pending.status, pending.headers.get('retry-after')], [503, '7']);

    await world.clock.advance(7000);
    world.api.answer = () =>
      new Response('', { status: 307, headers: { location: 'https://elsewhere.example' } });
    assert.equal((await world.get('/tokens/acme', OURS)).status, 502);
  });

  it('says which address is taken', async (t) => {
    const { url, options } = await startWorld(t);
    const again = startAgent({ ...options, port: Number(new URL(url).port) });
    await assert.rejects(
      again,
      (error) => error instanceof CommandFailure && /EADDRINUSE/.test(error.message),
    );
  });
});

describe('the files of an agent', () => {
  it('hold the token, for their owner alone', async (t) => {
    const { path, folder } = await startWorld(t, { withFile: true });

    assert.equal(readFileSync(path, 'utf8'), 'fake-access-1');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['acme']);
  });

  it('get the next token when the promise ends', async (t) => {
    const { path, clock } = await startWorld(t, { withFile: true });

    await untilLater(clock, 'the next token', () => readFileSync(path, 'utf8') === 'fake-access-2');

    assert.ok(clock.nowMs() >= START_MS + 150_000);
  });

  it('get the one that came of a report before the report is answered', async (t) => {
    const { path, report } = await startWorld(t, { withFile: true });

    await report(1);

    assert.equal(readFileSync(path, 'utf8'), 'fake-access-2');
  });

  it('get the one that is served, whoever had it replaced', async (t) => {
    const { path, api, get } = await startWorld(t, { withFile: true });
    api.replace();

    await get('/tokens/acme?min_ttl=301', OURS);

    assert.equal(readFileSync(path, 'utf8'), 'fake-access-2');
  });

  it('keep a token that lives while there is no other, and go when it dies', async (t) => {
    const { path, clock, api, told } = await startWorld(t, { withFile: true });
    const next = api.answer;
    api.answer = () => Response.json({ code: 'credential-lapsed', detail: 'reseed it' }, { status: 409 });

    await untilLater(clock, 'the trouble', () => told.length === 1);
    assert.deepEqual(told, ['acme: reseed it']);
    assert.equal(readFileSync(path, 'utf8'), 'fake-access-1');

    await untilLater(clock, 'the end of the file', () => !existsSync(path));
    assert.ok(clock.nowMs() >= START_MS + 300_000);

    api.answer = next;
    await untilLater(clock, 'the file', () => existsSync(path));
    await untilLater(clock, 'the good news', () => told.length === 2);
    assert.deepEqual(told, ['acme: reseed it', 'acme: its file holds a current token again.']);
  });

  it('are told of when they cannot be written, and tried again', async (t) => {
    const { told } = await startWorld(t, { withFile: true, folderName: 'not-there' });

    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /^acme: its file cannot be written \(ENOENT\)/);
  });
});

describe('renova agent', () => {
  const agent = (...args: readonly string[]) => runCommand(['agent', '--env', 'prd', ...args]);

  it('listens on this machine alone', async () => {
    for (const address of [
      '0.0.0.0:2774',
      '10.0.0.1:2774',
      '[::]:2774',
      '2774',
      '127.0.0.1:99999',
      'host:1',
    ]) {
      const { exitCode, stderr } = await agent('--credential', 'acme', '--listen', address);
      assert.equal(exitCode, 2, address);
      assert.match(stderr, /^renova: --listen takes an address of this machine/);
    }
  });

  it('says which option is missing or wrong', async () => {
    for (const [args, sentence] of [
      [[], /--credential/],
      [['--credential', 'acme', '--via', 'read-api'], /--via read-api needs --url/],
      [['--credential', 'acme', '--via', 'read-api', '--url', 'http://api.example'], /--url: .*https/],
      [['--credential', 'acme', '--file', '/tmp/x'], /--file takes <credential>=<path>/],
      [['--credential', 'acme', '--file', 'other=/tmp/x'], /--file other=… needs --credential other/],
      [['--credential', '../acme'], /credential id must be/],
    ] as const) {
      const { exitCode, stderr } = await agent(...args);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, sentence);
    }
  });
});

interface WorldOptions {
  readonly withFile?: boolean;
  readonly folderName?: string;
  /** What the read API answers at first. */
  readonly answer?: () => Response;
}

/** An agent for acme, on a read API whose tokens are named by their generation and live for five minutes. */
async function startWorld(t: TestContext, { withFile = false, folderName = '.', answer }: WorldOptions = {}) {
  const clock = new ManualClock(START_MS);
  const api = fakeApi(clock);
  if (answer) api.answer = answer;
  const source = createTokenSource({
    credential: 'acme',
    via: 'read-api',
    url: 'https://api.example',
    fetch: api.fetch,
    nowMs: () => clock.nowMs(),
  });
  const folder = mkdtempSync(join(tmpdir(), 'renova-agent-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, folderName, 'acme');
  const told: string[] = [];
  const options = {
    sources: new Map([['acme', source]]),
    files: new Map(withFile ? [['acme', [path]]] : []),
    host: '127.0.0.1',
    port: 0,
    tell: (sentence: string) => told.push(sentence),
    clock,
  };
  const agent = await startAgent(options);
  t.after(() => agent.close());
  const get = (route: string, headers: Record<string, string>) => fetch(`${agent.url}${route}`, { headers });
  const report = (generation: number) =>
    fetch(`${agent.url}/tokens/acme/refused`, {
      method: 'POST',
      headers: OURS,
      body: JSON.stringify({ generation }),
    });
  return { clock, api, folder, path, told, options, url: agent.url, get, report };
}

function fakeApi(clock: ManualClock) {
  let generation = 1;
  let issuedAtMs = START_MS;
  const api = {
    asked: [] as string[],
    /** Kills the current token, as a forced refresh does. */
    replace(): void {
      generation += 1;
      issuedAtMs = clock.nowMs();
    },
    /** The current token, which is replaced at half of its life, or when it is reported. */
    answer: (method: string): Response => {
      if (method === 'POST' || clock.nowMs() - issuedAtMs >= 150_000) api.replace();
      const body = {
        access_token: `fake-access-${generation}`,
        token_type: 'Bearer',
        scope: 'fake-scope',
        issued_at: new Date(issuedAtMs).toISOString(),
        expires_in: (issuedAtMs + 300_000 - clock.nowMs()) / 1000,
        generation,
        user_agent: 'BANK-CODE-7',
        fields: { instance_url: 'https://eu1.example' },
      };
      const maxAge = (issuedAtMs + 150_000 - clock.nowMs()) / 1000;
      return Response.json(body, { headers: { 'cache-control': `private, max-age=${maxAge}` } });
    },
    fetch: (async (url, { method }) => {
      api.asked.push(`${method} ${url}`);
      return api.answer(method);
    }) as Fetch,
  };
  return api;
}

/** Lets time pass by the second until something is so. */
function untilLater(clock: ManualClock, what: string, isSo: () => boolean): Promise<true> {
  const look = async () => {
    if (isSo()) return true;
    await clock.advance(1000);
    return undefined;
  };
  return eventually(what, look, { withinMs: 60_000, everyMs: 1 });
}

/** `fetch` lets nobody choose the Host header. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asked = request({ hostname, port, path: '/tokens/acme', headers: { ...OURS, host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
}
