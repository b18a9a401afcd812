import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../integration/eventually.ts';
import { findAwsCli, runAgainst } from '../integration/outside-tools.ts';
import { sandboxClient } from '../integration/sandbox-client.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';

const SHELL_RECIPE = fileURLToPath(new URL('../../docs/recipes/renova-token.sh', import.meta.url));
const GUIDE = readFileSync(new URL('../../docs/reading.md', import.meta.url), 'utf8');
const CURL_RECIPE = /^curl -sS .*?^END\n/ms.exec(GUIDE)?.[0] ?? '';
const ONE_LINE_RECIPE = /^aws secretsmanager batch.*?\n(?=```)/ms.exec(GUIDE)?.[0] ?? '';

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const awsCli = findAwsCli();
const jq = has('jq', '--version') ? false : 'SKIPPED: jq is not installed';
const bash = has('bash', '--version') ? false : 'SKIPPED: bash is not installed';
const curl = has('curl', '--fail-with-body', '--aws-sigv4', 'aws:amz:sa-east-1:x', '--version')
  ? false
  : 'SKIPPED: no curl that signs (7.76 or later) is installed';

describe('the recipes of docs/reading.md', { timeout: 600_000 }, () => {
  describe('on the local stack', () => {
    test('print tokens that the provider takes', { skip: awsCli.skip || jq }, async (t) => {
      const stack = await startStackProcess(t, ['--env', 'prd']);
      const recipes = [
        t.test('the script for the AWS CLI', () =>
          untilTaken(stack, () => runAgainst(stack.awsUrl, SHELL_RECIPE, ['prd', 'demo'])),
        ),
        t.test('the line for the AWS CLI', { skip: bash }, async () => {
          assert.match(ONE_LINE_RECIPE, /batch-get-secret-value/);
          const line = ONE_LINE_RECIPE.replace('acme', 'demo');
          await untilTaken(stack, () => runAgainst(stack.awsUrl, 'bash', ['-c', line]));
        }),
        t.test('the one for curl, which has no key among its arguments', { skip: curl }, async () => {
          assert.match(CURL_RECIPE, /aws-sigv4 = /);
          const { folder, seenArguments } = watchedCurl(t);
          const script = `PATH=${folder}:$PATH API=$1 CREDENTIAL=demo AWS_SESSION_TOKEN=fake-session\n${CURL_RECIPE}`;
          await untilTaken(stack, async () => {
            const answer = await runAgainst(stack.awsUrl, 'sh', ['-c', script, 'sh', stack.apiUrl]);
            return (JSON.parse(answer) as { access_token: string }).access_token;
          });
          assert.match(seenArguments(), /--config/);
          assert.doesNotMatch(seenArguments(), /fake-/);
        }),
      ];
      await Promise.all(recipes);
    });
  });

  describe('the script for the AWS CLI', { skip: jq }, () => {
    test('prints the newest token that lives, wherever it lies', (t) => {
      const newest = value({ access_token: 'fake-newest', generation: 41, issuedSecondsAgo: 10 });
      const outcome = runOn(t, [value({ generation: 40, issuedSecondsAgo: 160 }), newest, PLACEHOLDER]);
      assert.deepEqual(outcome, { status: 0, stdout: 'fake-newest\n', stderr: '' });
    });

    test('prefers a later token of a ledger that counts from below, and a living one to any other', (t) => {
      const restored = value({ access_token: 'fake-restored', generation: 3, issuedSecondsAgo: 10 });
      const dead = value({ generation: 40, issuedSecondsAgo: 400 });
      const old = value({ generation: 39, issuedSecondsAgo: 200 });
      assert.equal(runOn(t, [dead, old, restored]).stdout, 'fake-restored\n');
    });

    test('passes on AWS’s error and prints no token when it cannot ask', (t) => {
      const outcome = run(t, 'echo "An error occurred (ThrottlingException)" >&2; exit 254');
      assert.equal(outcome.status, 254);
      assert.equal(outcome.stdout, '');
      assert.match(outcome.stderr, /ThrottlingException/);
    });

    for (const code of ['ThrottlingException', 'AccessDeniedException', 'DecryptionFailure']) {
      test(`prints no token when a lane cannot be read (${code}), though others can`, (t) => {
        const outcome = runOn(t, [value({})], [code, 'ResourceNotFoundException']);
        assert.equal(outcome.status, 1);
        assert.equal(outcome.stdout, '');
        assert.match(outcome.stderr, new RegExp(`cannot be read: ${code}\\n$`));
      });
    }

    test('takes a lane that is not there, or waits for its deletion, for an empty one', (t) => {
      const outcome = runOn(t, [value({})], ['ResourceNotFoundException', 'InvalidRequestException']);
      assert.deepEqual(outcome, { status: 0, stdout: 'fake-access\n', stderr: '' });
    });

    test('says that nothing lives', (t) => {
      for (const values of [[PLACEHOLDER], [value({ issuedSecondsAgo: 301 })], ['<html>']]) {
        const { status, stdout, stderr } = runOn(t, values);
        assert.deepEqual([status, stdout], [1, '']);
        assert.match(stderr, /^renova-token\.sh: renova\/prd\/acme\/token has no token that lives.*\n$/);
      }
    });

    test('says in one sentence that there is no such credential', (t) => {
      const { status, stdout, stderr } = runOn(t, [], ['ResourceNotFoundException']);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /^renova-token\.sh: renova\/prd\/acme\/token does not exist: .*\n$/);
    });

    test('says in one sentence how it is used', (t) => {
      for (const args of [[], ['prd'], ['prd', 'acme', 'more']]) {
        const { status, stdout, stderr } = run(t, 'exit 254', args);
        assert.deepEqual([status, stdout], [2, '']);
        assert.match(stderr, /^usage: renova-token\.sh .*\n$/);
      }
    });
  });
});

const PLACEHOLDER = JSON.stringify({
  access_token: '',
  issued_at: '1970-01-01T00:00:00Z',
  expires_at: '1970-01-01T00:00:00Z',
  generation: 0,
});

/** A published value whose token lives for five minutes. */
function value({ access_token = 'fake-access', generation = 1, issuedSecondsAgo = 0 }): string {
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const times = { issued_at: at(-issuedSecondsAgo), expires_at: at(300 - issuedSecondsAgo) };
  return JSON.stringify({ access_token, generation, ...times });
}

/** Runs the script where the AWS CLI answers with these values, and these errors for other lanes. */
function runOn(t: TestContext, values: readonly string[], errorCodes: readonly string[] = []) {
  const SecretValues = values.map((SecretString) => ({ SecretString }));
  const Errors = errorCodes.map((ErrorCode) => ({ ErrorCode, Message: 'fake-message' }));
  return run(t, `cat <<'END'\n${JSON.stringify({ SecretValues, Errors })}\nEND`);
}

function run(t: TestContext, aws: string, args: readonly string[] = ['prd', 'acme']) {
  const PATH = `${folderWith(t, 'aws', aws)}:${process.env.PATH}`;
  const { status, stdout, stderr } = spawnSync(SHELL_RECIPE, args, { encoding: 'utf8', env: { PATH } });
  return { status, stdout, stderr };
}

/** A curl that writes down its arguments before it does its work. */
function watchedCurl(t: TestContext) {
  const real = spawnSync('sh', ['-c', 'command -v curl'], { encoding: 'utf8' }).stdout.trim();
  const folder = folderWith(
    t,
    'curl',
    `printf '%s\\n' "$@" >>"$(dirname "$0")/arguments"; exec ${real} "$@"`,
  );
  return { folder, seenArguments: () => readFileSync(join(folder, 'arguments'), 'utf8') };
}

function folderWith(t: TestContext, program: string, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'renova-recipe-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, program), 0o755);
  return folder;
}

/** A refresh may come between the reading and the use. */
async function untilTaken(stack: StackProcess, read: () => Promise<string>): Promise<void> {
  const sandbox = sandboxClient(stack.providerUrl);
  await eventually('a token that the provider takes', async () => {
    const token = (await read()).trim();
    assert.match(token, /^[\w-]{8,}$/);
    return (await sandbox.openResource(token)) === 200 ? true : undefined;
  });
}
