import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyLines, typedAt } from '../../cli/format/remedy.ts';
import { COMMAND_NAMES } from '../../shared/failure/command.ts';
import { FAILURES, type FailureOutcome, failureRemedy } from '../../shared/failure/failures.ts';
import { LAPSES, type LapseReason, lapseRemedy } from '../../shared/failure/lapses.ts';
import { runCommand } from './run-command.ts';

const HML = { env: 'hml', options: '--env hml' } as const;

const commands: readonly [said: string, command: unknown, typed: string][] = [
  ['Then: renova list', { name: 'list' }, 'Then: npx renova list --env hml'],
  [
    'Then: renova rescue a.b-c.',
    { name: 'rescue', id: 'a.b-c.' },
    'Then: npx renova rescue a.b-c. --env hml',
  ],
  [
    'Then: renova update acme --token-url "<url>"',
    { name: 'update', id: 'acme', flags: ['--token-url', '<url>'] },
    'Then: npx renova update acme --token-url "<url>" --env hml',
  ],
  ['Nothing to do: renova list', undefined, 'Nothing to do: renova list'],
  ['renova list is another text', { name: 'list' }, 'renova list is another text'],
  ['Then: renova 7', { name: 7 }, 'Then: renova 7'],
  ['Then: renova update', { name: 'update', flags: 'no list' }, 'Then: renova update'],
];
for (const [said, command, typed] of commands) {
  test(`a text that ends with the command beside it has it as it is typed at the target: ${said}`, () => {
    assert.equal(typedAt(said, command, HML), typed);
  });
}

const remedies = {
  ...Object.fromEntries(
    Object.keys(FAILURES).map((outcome) => [
      outcome,
      failureRemedy({ credential: 'acme', outcome: outcome as FailureOutcome }),
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(LAPSES).map((reason) => [reason, lapseRemedy('acme', reason as LapseReason)]),
  ),
};
for (const [code, remedy] of Object.entries(remedies)) {
  test(`what a person does first is said before the command: ${code}`, () => {
    const [line = ''] = remedyLines(remedy, HML, (text) => text);
    if (remedy.waits) assert.equal(line, 'Nothing to do: tried again soon.');
    else assert.ok(line.startsWith(`${remedy.text} npx renova `) && /^[A-Z].*: npx /.test(line), line);
  });
}

test('every command that a text may name is one of the program', async () => {
  for (const name of COMMAND_NAMES) {
    // Of a command that there is not, the help is that of the program, and no failure either.
    const { stdout } = await runCommand([...name.split(' '), '--help']);
    assert.match(stdout, new RegExp(`^Usage: renova ${name} `), name);
  }
});

test('a text that names a command in its words stays as it is', async () => {
  const error = { code: 'credential-lapsed', message: 'run: renova reseed acme' };
  const { stderr } = await runCommand(['status', 'acme', '--env', 'prd'], { answers: { status: { error } } });
  assert.equal(stderr, 'renova: run: renova reseed acme\n');
});

test('a refusal and its remedy lead to the target of the command that was told it', async () => {
  const error = {
    code: 'credential-lapsed',
    message: 'acme has lapsed.',
    remedy: 'See: renova status acme',
    command: { name: 'status', id: 'acme' },
  };
  const local = ['--local', '--local-port', '4800'];
  const answers = { pause: { error } };
  const { stderr } = await runCommand(['pause', 'acme', ...local], { answers });
  assert.equal(stderr, 'renova: acme has lapsed.\nSee: npx renova status acme --local --local-port 4800\n');
  const { stdout } = await runCommand(['pause', 'acme', '--json', ...local], { answers });
  assert.equal(JSON.parse(stdout).error.command_line, 'npx renova status acme --local --local-port 4800');
});

test('so does the command beside the detail of a step that failed', async () => {
  const command = { name: 'reseed', id: 'acme' };
  const steps = [{ step: 'first refresh', ok: false, detail: 'get a new one: renova reseed acme', command }];
  const { stdout } = await runCommand(['update', 'acme', '--mode', 'fresh', '--local', '--env', 'hml'], {
    answers: { update: { credential: 'acme', steps } },
  });
  assert.match(stdout, /^✗ first refresh: get a new one: npx renova reseed acme --local --env hml$/m);
});

test('who asks for a token of a lapsed credential is told what an operator does', async () => {
  const error = { code: 'credential-lapsed', message: 'It has ended. Then: renova reseed acme' };
  const { stderr } = await runCommand(['token', 'acme', '--env', 'prd'], { answers: { token: { error } } });
  assert.equal(stderr, 'renova: It has ended. Then: npx renova reseed acme --env prd\n');
});

test('token says what to do about what went wrong, as every command does', async () => {
  const error = { code: 'throttled', message: 'It is busy.', remedy: 'Try again.' };
  const { stderr } = await runCommand(['token', 'acme', '--env', 'prd'], { answers: { token: { error } } });
  assert.equal(stderr, 'renova: It is busy.\nTry again.\n');
});

test('a resumed credential whose refresh token has ended says so, and names what fixes it', async () => {
  const resumed = {
    credential: 'acme',
    state: 'active',
    remedy: 'Log in at the provider for a new refresh token, then: renova reseed acme',
    command: { name: 'reseed', id: 'acme' },
  };
  const { stdout } = await runCommand(['resume', 'acme', '--env', 'prd'], { answers: { resume: resumed } });
  assert.match(stdout, /^acme is resumed, but its refresh token has come to its end/);
  assert.match(stdout, /^Log in .*: npx renova reseed acme --env prd$/m);
});

test('wrong usage and failures are one document on standard output with --json, too', async () => {
  const usage = await runCommand(['status', '--nope', '--json', '--env', 'prd']);
  assert.equal(usage.exitCode, 2);
  assert.equal(JSON.parse(usage.stdout).error.code, 'usage');
  const failed = await runCommand(['status', '--json', '--env', 'prd']);
  assert.equal(JSON.parse(failed.stdout).error.code, 'function-failed');
  const refused = await runCommand(['status', 'acme', '--json', '--env', 'prd'], {
    answers: { status: { error: { code: 'unknown-credential', message: 'x' } } },
  });
  assert.deepEqual(JSON.parse(refused.stdout), { error: { code: 'unknown-credential', message: 'x' } });
});
