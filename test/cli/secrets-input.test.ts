import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parseSecrets } from '../../cli/secrets/secrets-json.ts';
import { runCommand, type Situation } from './run-command.ts';

const RESEED = ['reseed', 'acme', '--local', '--secrets', '-'];
const reseed = (stdin: string | Uint8Array, more: Situation = {}) =>
  runCommand(RESEED, { answers: { reseed: { credential: 'acme', state: 'active' } }, stdin, ...more });

test('secrets come from standard input as JSON', async () => {
  const given = {
    client: {
      client_id: 'fake-id',
      client_secret: 'fake-secret',
      username: 'u',
      password: 'p',
      network: 'n',
    },
    refresh_token: 'fake-refresh-token-1',
  };
  const { exitCode, sent, asked } = await reseed(JSON.stringify(given));
  assert.equal(exitCode, 0);
  assert.deepEqual(asked, []);
  assert.deepEqual(sent[0]?.request, { action: 'reseed', credential: 'acme', ...given });
});

test('a byte order mark before the JSON is no obstacle', async () => {
  assert.equal((await reseed('\uFEFF{"refresh_token":"fake-refresh-token-1"}')).exitCode, 0);
});

const wrong: readonly [title: string, stdin: string | Uint8Array, said: RegExp][] = [
  ['text that is not JSON', '{"refresh_token": fake-refresh-token-1', /must be JSON/],
  ['bytes that are not text', new Uint8Array([0x22, 0xff, 0x22]), /must be JSON/],
  ['a list', '["fake-refresh-token-1"]', /must be a JSON object/],
  ['nothing', '', /no secrets came on standard input .*; expected as JSON: \{/],
  ['the error of a provider', '{"error":"fake-code"}', /is an error and no secrets: .*; expected: \{/],
  ['an empty line', '\r\n', /no secrets came on standard input/],
  ['a member not known', '{"refreshToken":"fake-refresh-token-1"}', /not known: refreshToken /],
  ['a client member not known', '{"client":{"secret":"fake-1"}}', /not known: client\.secret /],
  ['an empty token', '{"refresh_token":""}', /member refresh_token must be text, and not empty/],
  ['a number', '{"client":{"password":4711}}', /member client\.password must be text/],
  ['a client that is text', '{"client":"fake-1"}', /member client must be an object/],
];
for (const [title, stdin, said] of wrong) {
  test(`${title} is refused in one sentence without the value`, async () => {
    const { exitCode, stderr, sent } = await reseed(stdin);
    assert.equal(exitCode, 2);
    assert.match(stderr, said);
    assert.match(stderr, /^renova: [^\n]+\n$/);
    assert.doesNotMatch(stderr, /fake-|4711/);
    assert.deepEqual(sent, []);
  });
}

test('who gives something else is shown the JSON of that command', async () => {
  const examples: readonly [line: string, shown: RegExp][] = [
    ['register acme --scope s', /"client_secret": "…"}, "refresh_token": "…"}$/m],
    ['update acme --client', /: {"client": {"client_id": "…", "client_secret": "…"}}$/m],
    ['app put erp', /: {"client": {"client_id": "…", "client_secret": "…"}}$/m],
    ['reseed acme', /: {"refresh_token": "…"}, or {"client": {"username"/],
    [
      'networks --token-url https://login.example/Token',
      /: {"client": {"username": "…", "password": "…"}}$/m,
    ],
  ];
  for (const [line, shown] of examples) {
    const { exitCode, stderr } = await runCommand([...line.split(' '), '--local', '--secrets', '-'], {
      stdin: '',
    });
    assert.deepEqual([exitCode, stderr.match(shown) !== null], [2, true], stderr);
  }
});

test('64 KiB are taken, one byte more is not', async () => {
  const json = '{"refresh_token":"fake-refresh-token-1"}';
  assert.equal((await reseed(json.padEnd(64 * 1024))).exitCode, 0);
  const { exitCode, stderr } = await reseed(json.padEnd(64 * 1024 + 1));
  assert.equal(exitCode, 2);
  assert.match(stderr, /at most 64 KiB/);
});

test('secrets are not read from a terminal that would show them', async () => {
  const { exitCode, stderr } = await reseed('', { person: {} });
  assert.equal(exitCode, 2);
  assert.match(stderr, /a terminal would show the secrets/);
});

test('without a terminal and without --secrets nothing is asked', async () => {
  const { exitCode, stderr, asked } = await runCommand(['reseed', 'acme', '--local']);
  assert.deepEqual([exitCode, asked], [2, []]);
  assert.match(stderr, /give them as JSON with --secrets -/);
});

test('what was read does not show when it is inspected or serialised', () => {
  const secrets = parseSecrets(Buffer.from('{"client":{"password":"fake-1"},"refresh_token":"fake-2"}'));
  assert.doesNotMatch(inspect(secrets) + JSON.stringify(secrets) + String(secrets.password), /fake-/);
});
