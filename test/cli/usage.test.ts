import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VERSION } from '../../shared/config/version.ts';
import { runCommand } from './run-command.ts';

const wrong: readonly [line: string, said: RegExp][] = [
  ['', /say which command/],
  ['frobnicate', /unknown command frobnicate/],
  ['lst --local', /Did you mean list\?/],
  ['list', /--env hml or --env prd/],
  ['list --env dev', /--env takes one of hml, prd/],
  ['list --env prd --local-port 4800', /--local-port goes with --local/],
  ['list --local --local-port 65536', /--local-port takes a whole number from 1 to 65535/],
  ['status ACME --local', /credential id must be/],
  ['status acme fake-secret-1 --local', /too many arguments/],
  ['token --local', /missing required argument 'id'/],
  ['token acme --local --min-ttl -1', /--min-ttl takes a whole number/],
  ['update acme --local', /say what to change/],
  ['update acme --local --force', /say what to change/],
  ['register acme --local --mode fake-secret-1', /--mode takes one of fresh, on-demand/],
  ['register acme --local --quota-limit 0', /--quota-limit takes a whole number from 1/],
  ['register acme --local --extra fake-secret-1', /--extra takes name=value/],
  ['register acme --local --extra client_secret=fake-secret-1', /--extra takes no secret/],
  ['register acme --local --extra grant_type=fake-secret-1', /--extra cannot replace what makes the token/],
  ['register acme --local --secrets fake-secret-1', /--secrets takes only "-"/],
  ['register acme --local --network', /argument missing/],
  ['remove acme --local', /say --yes/],
  ['rescue acme --local', /say --yes/],
  ['rotate-seal --local', /say --yes/],
  ['update acme --local --grant password', /unknown option --grant/],
];
for (const [line, said] of wrong) {
  test(`wrong usage is one sentence without values: renova ${line}`, async () => {
    const { exitCode, stdout, stderr, sent } = await runCommand(line.split(' ').filter(Boolean));
    assert.equal(exitCode, 2);
    assert.equal(stdout, '');
    assert.match(stderr, said);
    assert.match(stderr, /^renova: [^\n]+\n$/);
    assert.doesNotMatch(stderr, /fake-secret/);
    assert.deepEqual(sent, []);
  });
}

const secretArguments = [
  ['--client-secret', 'fake-secret-1'],
  ['--client-secret=fake-secret-1'],
  ['--refresh-token', 'fake-secret-1'],
  ['--password=fake-secret-1'],
  ['--clientSecret', 'fake-secret-1'],
  ['--access_token=fake-secret-1'],
  ['--my-token=fake-secret-1'],
  ['--x-goog-api-key', 'fake-secret-1'],
];
for (const given of secretArguments) {
  test(`${given[0]?.split('=')[0]} is refused with how to give a secret`, async () => {
    const { exitCode, stderr, sent } = await runCommand(['register', 'acme', '--local', ...given]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /never taken from an argument: .* --secrets -/);
    assert.doesNotMatch(stderr, /fake-secret/);
    assert.deepEqual(sent, []);
  });
}

for (const option of ['--my-value=fake-1', '-pfake-1']) {
  test(`an unknown option does not repeat its value: ${option.slice(0, 2)}…`, async () => {
    const { exitCode, stderr } = await runCommand(['list', '--local', option]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^renova: unknown option/);
    assert.doesNotMatch(stderr, /fake/);
  });
}

const COMMANDS =
  'register update reseed list status token refresh pause resume remove recover rescue rotate-seal networks capacity';
for (const command of COMMANDS.split(' ')) {
  test(`${command} --help has an example, and needs no environment`, async () => {
    const { exitCode, stdout, stderr } = await runCommand([command, '--help']);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^Usage: renova ${command} `));
    assert.match(stdout, new RegExp(`Example:\\n.*npx renova ${command}`));
  });
}

for (const line of [
  'help nope',
  'nope --help',
  'help nope --json',
  'help app nope',
  'app help nope',
  'app nope -h',
]) {
  test(`help of a command that does not exist names it: ${line}`, async () => {
    const { exitCode, stderr } = await runCommand(line.split(' '));
    assert.equal(exitCode, 2);
    assert.match(stderr, /^renova: unknown command (app )?nope \(see/);
  });
}

test('a word that may be a secret is not repeated as an unknown command', async () => {
  const { exitCode, stderr } = await runCommand(['help', 'fake-refresh-token-1']);
  assert.deepEqual([exitCode, stderr], [2, 'renova: unknown command (see renova --help)\n']);
});

for (const line of ['help app put', 'app help put', 'app put --help', 'help app put --env prd']) {
  test(`help of a command within another is of that one: ${line}`, async () => {
    const { exitCode, stdout } = await runCommand(line.split(' '));
    assert.equal(exitCode, 0);
    assert.match(stdout, /^Usage: renova app put /);
  });
}

test('a credential may be called help', async () => {
  const { sent } = await runCommand(['status', 'help', '--env', 'prd'], {
    answers: { status: { credential: 'help' } },
  });
  assert.equal(sent[0]?.request.credential, 'help');
});

test('the environment is --env before RENOVA_ENV, and prd for the local stack', async () => {
  const answers = { list: { credentials: [] } };
  const environment = { RENOVA_ENV: 'hml' };
  const target = async (line: string, situation = {}) =>
    (await runCommand(line.split(' '), { answers, ...situation })).targets[0];

  assert.deepEqual(await target('list --env prd', { environment }), { env: 'prd', options: '--env prd' });
  assert.equal((await target('list', { environment }))?.env, 'hml');
  assert.deepEqual(await target('--local list'), {
    env: 'prd',
    localEndpoint: 'http://127.0.0.1:4700',
    options: '--local',
  });
  const { exitCode, stderr } = await runCommand(['list'], { environment: { RENOVA_ENV: 'dev' } });
  assert.deepEqual([exitCode, stderr], [2, 'renova: RENOVA_ENV must be one of hml, prd\n']);
});

for (const option of ['--version', '-V']) {
  test(`renova ${option} prints the version, as bug reports need it`, async () => {
    const { exitCode, stdout } = await runCommand([option]);
    assert.deepEqual([exitCode, stdout], [0, `${VERSION}\n`]);
  });
}
