// The console's door: who may ask for what. What it looks like is proven in test/console.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { type RunningConsole, startConsole } from '../../cli/console/console-server.ts';
import { consoleState } from '../../cli/console/console-state.ts';
import type { JsonObject } from '../../cli/context.ts';
import { CommandFailure } from '../../cli/errors.ts';
import { summariesOf } from '../../cli/format/summary.ts';
import { sampleAnswers, TARGET } from '../console/sample.ts';
import { NOW_MS, runCommand } from './run-command.ts';

const TOKEN = 'fake-console-token-of-a-test';

async function open(t: TestContext, answers: Record<string, JsonObject> = { ...sampleAnswers(NOW_MS) }) {
  const sent: JsonObject[] = [];
  let nowMs = NOW_MS;
  const running = await startConsole(
    {
      target: TARGET,
      invoke: async (_, asked) => {
        sent.push(asked);
        const answer = answers[String(asked.action)];
        if (!answer) throw new CommandFailure('function-failed', 'the function failed', 'Look at its log.');
        return answer;
      },
      nowMs: () => nowMs,
      token: TOKEN,
      againAfterMs: 5000,
    },
    0,
  );
  t.after(() => running.close());
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { running, sent, answers, pass };
}

/** A request with exactly these headers. */
function send(
  { url }: Pick<RunningConsole, 'url'>,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sending = request({ hostname, port, path, method, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

const known = { 'x-renova-console': TOKEN };

describe('the door of the console', () => {
  test('serves the page and its parts, and nothing of them comes from elsewhere', async (t) => {
    const { running } = await open(t);
    const page = await send(running, '/');
    assert.equal(page.status, 200);
    const parts = [...page.text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path = '']) => path);
    assert.ok(parts.length >= 2);
    for (const path of parts) assert.equal((await send(running, path)).status, 200, path);
    const script = await send(running, '/console/console.js');
    for (const [, name] of script.text.matchAll(/from '\.\/(\w+\.js)'/g))
      assert.equal((await send(running, `/console/${name}`)).status, 200, name);
    assert.doesNotMatch(page.text, /(?:src|href)="https?:/);
    assert.match(
      String(page.headers['content-security-policy']),
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.doesNotMatch(page.text, new RegExp(TOKEN));
  });

  test('answers nothing else', async (t) => {
    const { running } = await open(t);
    for (const path of [
      '/console/',
      '/console/../console.css',
      '/console/page/index.html',
      '/index.html',
      '//',
    ])
      assert.equal((await send(running, path, { headers: known })).status, 404, path);
    assert.equal((await send(running, '/', { method: 'POST' })).status, 405);
  });

  for (const [name, headers] of [
    ['no key', {}],
    ['a wrong key', { 'x-renova-console': `${TOKEN.slice(0, -1)}x` }],
    ['a shorter key', { 'x-renova-console': 'fake' }],
    ['the key, from a page of another origin', { ...known, 'sec-fetch-site': 'cross-site' }],
    ['the key, from another port of this machine', { ...known, 'sec-fetch-site': 'same-site' }],
  ] as const) {
    test(`refuses a request with ${name}, and asks no function`, async (t) => {
      const { running, sent } = await open(t);
      assert.equal((await send(running, '/console/state', { headers })).status, 403);
      const body = JSON.stringify({ action: 'refresh', credential: 'acme' });
      assert.equal((await send(running, '/console/actions', { method: 'POST', headers, body })).status, 403);
      assert.deepEqual(sent, []);
    });
  }

  for (const host of ['evil.example', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example', '[::1]']) {
    test(`refuses the Host ${host}, the page too`, async (t) => {
      const { running, sent } = await open(t);
      for (const path of ['/', '/console/state'])
        assert.equal((await send(running, path, { headers: { ...known, host } })).status, 403, path);
      assert.deepEqual(sent, []);
    });
  }

  test('gives no page of another origin the right to read', async (t) => {
    const { running } = await open(t);
    const headers = {
      ...known,
      origin: 'https://evil.example',
      'access-control-request-headers': 'x-renova-console',
    };
    const preflight = await send(running, '/console/state', { method: 'OPTIONS', headers });
    assert.notEqual(preflight.status, 200);
    assert.equal(preflight.headers['access-control-allow-origin'], undefined);
  });

  test('asks the functions once for all who look at the same moment', async (t) => {
    const { running, sent, pass } = await open(t);
    await Promise.all([1, 2, 3].map(() => send(running, '/console/state', { headers: known })));
    assert.deepEqual(
      sent.map(({ action }) => action),
      ['list', 'capacity'],
    );
    pass(1000);
    await send(running, '/console/state', { headers: known });
    assert.equal(sent.length, 4);
  });

  test('does what its buttons do, and nothing else', async (t) => {
    const { running, sent, answers } = await open(t);
    answers.refresh = { credential: 'acme', result: 'refreshed' };
    const act = (body: string) => send(running, '/console/actions', { method: 'POST', headers: known, body });
    assert.equal((await act('{"action":"refresh","credential":"acme","by":"evil"}')).status, 200);
    assert.deepEqual(sent, [{ action: 'refresh', credential: 'acme', force: true }]);
    for (const body of [
      '',
      'null',
      '[]',
      '{',
      '{"action":"refresh"}',
      '{"action":"refresh","credential":"../x"}',
      '{"action":"remove","credential":"acme"}',
      '{"action":"rescue","credential":"acme"}',
      '{"action":"reseed","credential":"acme","refresh_token":"fake"}',
      JSON.stringify({ action: 'refresh', credential: 'acme', more: 'x'.repeat(10_000) }),
    ]) {
      assert.equal((await act(body)).status, 400, body.slice(0, 60));
    }
    assert.equal(sent.length, 1);
    assert.equal((await send(running, '/console/actions', { headers: known })).status, 405);
  });

  test('says what a function refused, and nothing of a defect', async (t) => {
    const { running } = await open(t, { list: { error: { code: 'fake-code', message: 'It was refused.' } } });
    const { status, text } = await send(running, '/console/state', { headers: known });
    assert.equal(status, 502);
    assert.match(text, /function-failed|fake-code/);
  });
});

describe('what the console shows', async () => {
  // The page is plain JavaScript, without types.
  const page = new URL('../../cli/console/page/spoken.js', import.meta.url).href;
  const { verdictOf } = (await import(page)) as {
    verdictOf(credentials: readonly object[]): { head: string };
  };
  const { credentials, quotas, events } = consoleState(
    { credentials: summariesOf(sampleAnswers(NOW_MS).list ?? {}), quotas: [] },
    TARGET,
    NOW_MS,
  );

  test('is what needs somebody first', () => {
    assert.deepEqual(
      credentials.map(({ tone }) => tone),
      ['bad', 'warn', 'idle', 'good', 'good', 'good', 'good'],
    );
    assert.deepEqual(quotas, []);
  });

  test('is what happened, where no bus keeps it: each thing once in a row, the latest first', () => {
    const words = events.map(({ credential, words: said }) => `${credential} ${said}`);
    assert.equal(words[0], 'shop-south the provider could not be reached (ECONNREFUSED)');
    assert.equal(words.filter((said) => said.startsWith('shop-south')).length, 1);
    assert.ok(!words.some((said) => said.includes('a new token')));
    assert.ok(words.includes('acme-collections updated: scope, tags, by ana@laptop'));
  });

  test('is one event where many credentials have the same trouble, and another after what went well', () => {
    const at = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();
    const failed = { generation: 1, outcome: 'not-sent', reason: 'ECONNREFUSED' };
    const history = [
      { at: at(-10), ...failed },
      { at: at(-70), ...failed },
      { at: at(-130), generation: 1, outcome: 'refreshed' },
      { at: at(-190), ...failed },
    ];
    const listed = ['c1', 'c2', 'c3'].map((credential) => ({ credential, state: 'active', history }));
    const { events: told } = consoleState(
      { credentials: summariesOf({ credentials: listed }), quotas: [] },
      TARGET,
      NOW_MS,
    );
    assert.deepEqual(
      told.map(({ at: when, title }) => [when, title]),
      [
        [at(-10), 'c1 and 2 more'],
        [at(-190), 'c1 and 2 more'],
      ],
    );
  });

  test('says in the headline whether there is anything to do', () => {
    const ill = (tone: string, waits?: boolean) => ({
      id: 'acme',
      tone,
      ...(waits !== undefined && { remedy: { waits } }),
    });
    const headOf = (...all: object[]) => verdictOf(all).head;
    assert.equal(headOf(ill('bad', false), ill('bad', true)), '1 credential needs you');
    assert.equal(headOf(ill('warn', false), ill('bad', false)), '2 credentials need you');
    assert.equal(headOf(ill('bad', true)), '1 credential without a token, and Renova tries again');
    assert.equal(headOf(ill('warn', true), ill('good')), 'Renova is working on it');
    assert.equal(headOf(ill('idle', false), ill('good')), 'All is well');
  });

  test('is the bus where it has one, but for what went as it should', () => {
    const detail = {
      at: new Date(NOW_MS).toISOString(),
      credential: 'acme',
      explanation: 'It \u001b[31m lapsed.',
    };
    const bus = ['Token Refreshed', 'Credential Lapsed'].map((type) => ({ 'detail-type': type, detail }));
    const shown = consoleState({ credentials: [], quotas: [], events: bus }, TARGET, NOW_MS);
    assert.deepEqual(
      shown.events.map(({ title, tone, words }) => [title, tone, words]),
      [['Credential Lapsed', 'bad', 'It \ufffd[31m lapsed.']],
    );
  });

  test('is a quota that is closed or nearly used up in another colour', () => {
    const quota = { key: 'bs2', limit: 10, window_seconds: 60, in_use: 3, in_use_of: 10, used_percent: 40 };
    const shown = consoleState(
      {
        credentials: [],
        quotas: [quota, { ...quota, used_percent: 81 }, { ...quota, closed_until: '2026-01-01T12:01:00Z' }],
      },
      TARGET,
      NOW_MS,
    );
    assert.deepEqual(
      shown.quotas.map(({ tone, used }) => [tone, used]),
      [
        ['good', 3],
        ['warn', 3],
        ['warn', 3],
      ],
    );
  });
});

describe('renova console', () => {
  const capacity = { quotas: [] };

  test('prints the address with its key, and ends with a sentence', async () => {
    const ran = await runCommand(['console', '--env', 'prd'], { answers: { capacity } });
    assert.equal(ran.exitCode, 0);
    assert.match(ran.stdout, /^The console of prd is at\n\n {2}http:\/\/127\.0\.0\.1:\d+\/#[\w-]{32}\n/);
    assert.match(ran.stdout, /The console is closed\.\n$/);
  });

  test('prints one document for machines', async () => {
    const { stdout } = await runCommand(['console', '--json', '--env', 'prd'], { answers: { capacity } });
    assert.match(JSON.parse(stdout).url, /^http:\/\/127\.0\.0\.1:\d+\/#/);
  });

  test('does not begin where nothing answers', async () => {
    const ran = await runCommand(['console', '--env', 'prd']);
    assert.deepEqual([ran.exitCode, ran.stdout], [1, '']);
  });
});
