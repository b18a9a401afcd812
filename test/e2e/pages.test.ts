// Every command of every page: those for the local stack are run on one, in the order in which a person types them; what
// needs an account is taken apart, and each program, operation and option in it is one that there is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArguments } from '../../local/options.ts';
import { eventually } from '../integration/eventually.ts';
import { findAwsCli, findBoto3, runAgainst } from '../integration/outside-tools.ts';
import { sandboxClient } from '../integration/sandbox-client.ts';
import { COMMANDS_PROGRAM } from '../support/programs.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { commandsOf, filledIn, PAGES, type PageCommands, simpleCommands } from './page-commands.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const ALL = PAGES.flatMap(commandsOf);
const at = ({ page, line }: PageCommands) => `${page}:${line}`;

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const missing = ['bash', 'curl', 'jq', 'sed'].filter((program) => !has(program));
const tools = missing.length > 0 && `SKIPPED: ${missing.join(', ')} not installed`;
const awsCli = findAwsCli();
const boto3 = findBoto3();

/** Programs beside those that are looked at below, and words of the shell itself. */
const OTHERS = new Set(
  'cat cd curl export grep jq mktemp openssl printf python3 rm sed sort tee timeout tr case esac done for if fi while 1'.split(
    ' ',
  ),
);

describe('every command of every page', { timeout: 600_000 }, () => {
  test('is found', () => {
    assert.ok(ALL.length > 200, String(ALL.length));
  });

  test('is something that a shell takes', { skip: tools }, () => {
    const isTaken = (input: string) => spawnSync('bash', ['-n'], { input }).status === 0;
    // All at once, and one by one only to say which it is.
    const together = ALL.map(({ script }, index) => `f${index}() {\n${filledIn(script)}\n}`).join('\n');
    if (isTaken(together)) return;
    for (const each of ALL) assert.ok(isTaken(filledIn(each.script)), at(each));
    assert.fail('together they are not taken');
  });

  test('begins with a program that this test knows, whose words it has', () => {
    const cdk = JSON.parse(read('node_modules/aws-cdk/lib/cli/cli-type-registry.json')) as CdkCommands;
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const each of ALL) {
      for (const [program = '', ...words] of simpleCommands(filledIn(each.script))) {
        if (OTHERS.has(program) || program === 'aws' || /\)$/.test(program)) continue;
        const said = `${at(each)}: ${program} ${words.join(' ')}`;
        if (program === 'npm') assertNpm(words, scripts, said);
        else if (program === 'npx' && words[0] === 'cdk') assertCdk(words.slice(1), cdk, said);
        // Those of Renova are given to the program by test/cli/documents.test.ts.
        else assert.ok(program === 'npx' && /^(?:renova|-p|node|--no-install)$/.test(words[0] ?? ''), said);
      }
    }
  });

  test('of the AWS CLI names services, operations and options that there are', { skip: boto3.skip }, () => {
    const lines = ALL.flatMap(({ script }) => simpleCommands(filledIn(script)))
      .filter(([program, ...words]) => program === 'aws' && words.length > 1)
      .map(([, ...words]) => JSON.stringify(words.filter((word) => !/^[<>]/.test(word))));
    assert.ok(lines.length > 70, String(lines.length));
    const python = spawnSync('python3', [join(ROOT, 'test/e2e/aws-commands.py')], {
      input: lines.join('\n'),
      encoding: 'utf8',
    });
    assert.deepEqual([python.status, python.stdout, python.stderr], [0, '', '']);
  });

  test('for the local stack does what its page says, from the first to the last', {
    skip: tools,
  }, async (t) => {
    const stack = await startStackProcess(t, ['--env', 'prd', '--scale', '30']);
    const shell = new PersonsShell(t, stack);
    for (const each of [...commandsOf('README.md'), ...commandsOf('docs/testing.md')]) {
      if (!isForTheStack(each) || (/^aws /.test(each.script) && awsCli.skip)) continue;
      await t.test(`${at(each)} ${each.script.split('\n')[0]?.slice(0, 60)}`, () =>
        shell.doAsThePageSays(each),
      );
      if (each.page === 'docs/testing.md' && each.script.includes('/_sandbox/faults'))
        await shell.takeBackFaults();
    }
  });
});

function isForTheStack({ script }: PageCommands): boolean {
  return (
    !/^(?:npm|export)\b/.test(script) &&
    /--local|127\.0\.0\.1:47/.test(script) &&
    !script.includes('timeout 60')
  );
}

/** A terminal in which Renova's commands and the addresses of the pages lead to the stack of this test. */
class PersonsShell {
  readonly #stack: StackProcess;
  readonly #folder = mkdtempSync(join(tmpdir(), 'renova-pages-'));

  constructor(t: TestContext, stack: StackProcess) {
    this.#stack = stack;
    t.after(() => rmSync(this.#folder, { recursive: true, force: true }));
    const npx = `#!/bin/sh\nshift\nexec ${process.execPath} ${COMMANDS_PROGRAM} "$@"\n`;
    writeFileSync(join(this.#folder, 'npx'), npx, { mode: 0o755 });
  }

  /** What it prints begins as the page shows, figures aside; what takes its time on the stack is looked at again. */
  async doAsThePageSays({ script, shown }: PageCommands): Promise<void> {
    const [first = ''] = shown.split('\n');
    const isLook = /^(?:npx renova (?:status|list)|curl \S+\/tokens\/|curl -s \S+\/tokens\/|aws )/.test(
      script,
    );
    await eventually(`${script} begins with: ${first}`, async (seen) => {
      const said = await this.#run(script).catch((error: Error) => {
        if (isLook) return seen(error.message);
        throw error;
      });
      if (said === undefined) return undefined;
      const [line = ''] = said.trim().split('\n');
      seen(line);
      const isSame = first === '' || withoutFigures(line).startsWith(withoutFigures(first).slice(0, 60));
      if (!isLook) assert.ok(isSame, `${script} printed ${line}, and the page shows ${first}`);
      return isSame ? true : undefined;
    });
  }

  /** What a page tries out, and does not wait for: so that the next command of the page meets nothing of it. */
  async takeBackFaults(): Promise<void> {
    const sandbox = sandboxClient(this.#stack.providerUrl);
    for (const kind of ['http-503', 'slow'] as const) {
      await sandbox.orderFaults({ kind, count: 0, ...(kind === 'slow' && { ms: 0 }) });
    }
    await eventually('the demo is well again', async (seen) => {
      const list = await this.#run('npx renova list --local');
      seen(list);
      return /^demo +bs2 +active/m.test(list) ? true : undefined;
    });
  }

  #run(script: string): Promise<string> {
    const { awsUrl, apiUrl, providerUrl } = this.#stack;
    const here = script
      .replaceAll('http://127.0.0.1:4700', awsUrl)
      .replaceAll('http://127.0.0.1:4701', apiUrl)
      .replaceAll('http://127.0.0.1:4702', providerUrl)
      .replaceAll('--local', `--local --local-port ${new URL(awsUrl).port}`);
    return runAgainst(awsUrl, 'bash', ['-c', `set -o pipefail; PATH=${this.#folder}:$PATH\n${here}`]);
  }
}

function withoutFigures(line: string): string {
  return line
    .replaceAll(/less than 1 s|(?:\d+ (?:h|min|s) ?)+/g, '<time> ')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\d+/g, '<n>')
    .replaceAll(/\s+/g, ' ');
}

function assertNpm(words: readonly string[], scripts: Readonly<Record<string, string>>, said: string): void {
  const [command = '', name = ''] = words;
  const script = command === 'run' ? name : command;
  const isOfNpm = ['audit', 'ci', 'install', 'pack', 'publish', 'version'].includes(command);
  assert.ok(isOfNpm || script in scripts, said);
  const redirected = words.findIndex((word) => /^[<>]/.test(word));
  const given = words
    .slice(words.indexOf('--') + 1, redirected === -1 ? undefined : redirected)
    .map((word) => (word === 'filled-in' ? 'xero' : word));
  if (script === 'start' && words.includes('--') && !given.includes('[options]') && !given.includes('--help'))
    assert.notEqual(parseArguments(given).kind, 'wrong-usage', said);
}

interface CdkCommands {
  readonly globalOptions: Readonly<Record<string, unknown>>;
  readonly commands: Readonly<Record<string, { readonly options?: Readonly<Record<string, unknown>> }>>;
}

function assertCdk([name = '', ...words]: readonly string[], cdk: CdkCommands, said: string): void {
  const command = cdk.commands[name];
  assert.ok(command, said);
  const known = [...Object.keys(cdk.globalOptions), ...Object.keys(command.options ?? {}), 'json'];
  for (const word of words) {
    const [, option] = /^--([a-z-]+)/.exec(word) ?? [];
    assert.ok(option === undefined || known.includes(option), `${said}: --${option}`);
  }
}
