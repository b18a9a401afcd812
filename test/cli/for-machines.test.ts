// With --json every command prints one document on standard output, and nothing else, however it ends.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { VERSION } from '../../shared/config/version.ts';
import { runCommand, type Situation } from './run-command.ts';
import { HEALTHY } from './summaries.ts';

const WITH_SECRETS = {
  stdin: '{"client":{"client_id":"fake","client_secret":"fake-secret"},"refresh_token":"fake-token"}',
};
const EXISTING = { credentials: [{ credential: 'acme', provider: 'bs2', mode: 'fresh' }], apps: [] };
const ONE = { credentials: [HEALTHY] };

const folder = mkdtempSync(join(tmpdir(), 'renova-for-machines-'));
const declared = join(folder, 'credentials.yaml');
writeFileSync(declared, 'credentials:\n  acme:\n    mode: on-demand\n');
after(() => rmSync(folder, { recursive: true }));

/** How each command is called so that it does something, and what answers it. A new command belongs here too. */
const CALLS: Readonly<Record<string, readonly [line: string, situation?: Situation]>> = {
  register: ['acme --scope s --secrets -', WITH_SECRETS],
  login: ['acme --provider xero --scope s --paste', { person: {} }],
  update: ['acme --mode on-demand'],
  reseed: ['acme --secrets -', { stdin: '{"refresh_token":"fake-token"}' }],
  list: ['', { answers: { list: ONE } }],
  status: ['acme', { answers: { status: HEALTHY } }],
  'app put': ['crm --secrets -', { stdin: '{"client":{"client_id":"fake","client_secret":"fake-secret"}}' }],
  'app list': ['', { answers: { 'app-list': { apps: [] } } }],
  'app remove': ['crm --yes'],
  apply: [`--file ${declared}`, { answers: { export: EXISTING, update: {} } }],
  export: ['', { answers: { export: EXISTING } }],
  token: ['acme', { answers: { token: { access_token: 'fake-access-token' } } }],
  refresh: ['acme', { answers: { refresh: { result: 'refreshed', generation: 2 } } }],
  pause: ['acme'],
  resume: ['acme'],
  remove: ['acme --yes'],
  recover: ['acme'],
  rescue: ['acme --yes'],
  'rotate-seal': ['--yes'],
  networks: ['--token-url https://provider.example/token --secrets -', WITH_SECRETS],
  capacity: ['', { answers: { capacity: { quotas: [] } } }],
  doctor: ['', { answers: { list: ONE, capacity: { quotas: [] }, examine: {} } }],
  agent: ['--credential acme --listen 127.0.0.1:0'],
  watch: ['', { answers: { list: ONE } }],
  console: ['', { answers: { capacity: { quotas: [] } } }],
  providers: ['bs2'],
  completion: ['bash'],
  help: [''],
};

describe('with --json', () => {
  test('every command is called by this test', async () => {
    assert.deepEqual(Object.keys(CALLS).sort(), (await commandsOf([])).sort());
  });

  for (const [command, [line, situation = {}]] of Object.entries(CALLS)) {
    const argv = [...command.split(' '), ...line.split(' ').filter(Boolean), '--json', '--local'];
    const summary = { ...HEALTHY, credential: 'acme' };
    const answers = Object.fromEntries(
      [...actionsOf(command), 'token'].map((action) => [action, { ...summary }]),
    );

    test(`${command} prints one when it is done`, async () => {
      const ran = await runCommand(argv, { ...situation, answers: { ...answers, ...situation.answers } });
      documentOf(ran);
      // Nobody answers the questions of a login.
      assert.equal(ran.exitCode, command === 'login' ? 1 : 0, ran.stderr);
    });

    test(`${command} prints one when no function answers`, async () => {
      documentOf(await runCommand(argv, { ...situation, answers: {} }));
    });

    test(`${command} prints one when it is refused`, async () => {
      const error = { error: { code: 'unknown-credential', message: 'There is no credential "acme".' } };
      const refused = Object.fromEntries(
        [...Object.keys(answers), ...Object.keys(situation.answers ?? {})].map((action) => [action, error]),
      );
      documentOf(await runCommand(argv, { ...situation, answers: { ...refused, check: error } }));
    });

    test(`${command} prints one for wrong usage, and one for its help`, async () => {
      const wrong = documentOf(await runCommand([...command.split(' '), '--nope', '--json', '--local']));
      assert.equal(
        (wrong as { error?: { code: string } }).error?.code,
        command === 'help' ? undefined : 'usage',
      );
      const help = documentOf(await runCommand([...command.split(' '), '--help', '--json']));
      assert.match(String((help as { help?: string }).help), /^Usage: renova /);
    });
  }

  test('the version is a document, too', async () => {
    assert.deepEqual(documentOf(await runCommand(['--version', '--json'])), { version: VERSION });
  });

  test('so is what is wrong where no command is named', async () => {
    for (const line of [[], ['nope'], ['app'], ['app', 'nope'], ['--env', 'dev', 'list']]) {
      const { error } = documentOf(await runCommand([...line, '--json'])) as { error: { code: string } };
      assert.equal(error.code, 'usage', line.join(' '));
    }
  });
});

/** The document on standard output, of which there is one, on one line. */
function documentOf({ stdout }: { readonly stdout: string }): unknown {
  assert.match(stdout, /^\{.*\}\n$/);
  return JSON.parse(stdout);
}

/** Every command as it is typed, those of groups too, from the help that the program prints. */
async function commandsOf(group: readonly string[]): Promise<string[]> {
  const { stdout } = await runCommand([...group, '--help']);
  const [, listed = ''] = stdout.split('\nCommands:\n');
  const names = [...listed.matchAll(/^ {2}([a-z][a-z-]*)(?= )/gm)].map(([, name = '']) => name);
  const all = await Promise.all(
    names.map(async (name) => {
      if (name === 'help') return group.length === 0 ? [name] : [];
      const own = await runCommand([...group, name, '--help']);
      return own.stdout.includes('\nCommands:\n')
        ? commandsOf([...group, name])
        : [[...group, name].join(' ')];
    }),
  );
  return all.flat();
}

/** What a command may ask of the admin function: as it is called, or with the name of its group first. */
function actionsOf(command: string): string[] {
  return [command.replace(' ', '-'), 'status', 'list'];
}
