import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { STACK_PROGRAM } from '../../support/programs.ts';

const SOURCES = fileURLToPath(new URL('../../../local/main.ts', import.meta.url));
const FREE_PORTS = ['--port', '0', '--api-port', '0', '--provider-port', '0'];

function start(context: TestContext, args: readonly string[], main = STACK_PROGRAM): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  context.after(() => child.kill('SIGKILL'));
  return child;
}

/** Resolves with what was printed once it matches. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout ?? []) {
    output += chunk;
    if (pattern.test(output)) return output;
  }
  throw new Error(`ended without printing ${pattern}`);
}

async function ended(child: ChildProcess) {
  const [[code], out, err] = await Promise.all([
    once(child, 'exit'),
    child.stdout && !child.stdout.destroyed ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]);
  return { code, out, err };
}

describe('npm start', () => {
  test('exits with 2 and one sentence on wrong usage', async (context) => {
    const { code, out, err } = await ended(start(context, ['--scale', '0']));
    assert.deepEqual({ code, out }, { code: 2, out: '' });
    assert.match(err, /^.*--scale.*\n$/);
  });

  test('exits with 1 and the option to change when a port is in use', async (context) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    context.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const { code, err } = await ended(start(context, ['--provider-only', '--provider-port', String(port)]));
    const expected = `--provider-port ${port} is in use: stop the other process or choose another with --provider-port\n`;
    assert.deepEqual({ code, err }, { code: 1, err: expected });
  });

  test('exits with 1 and the option to change when the data folder cannot be made', async (context) => {
    const parent = mkdtempSync(join(tmpdir(), 'renova-main-'));
    context.after(() => rmSync(parent, { recursive: true, force: true }));
    const file = join(parent, 'file');
    writeFileSync(file, '');
    const folder = existsSync('/proc') ? '/proc/nope' : join(file, 'data');
    for (const parts of ['--provider-only', '--no-provider']) {
      const { code, out, err } = await ended(start(context, ['--data', folder, parts, ...FREE_PORTS]));
      assert.deepEqual({ code, out }, { code: 1, out: '' });
      assert.match(
        err,
        /^--data [^ ]+ cannot be written to \(E[A-Z]+\): choose another folder with --data\n$/,
      );
      assert.ok(err.includes(` ${folder} `), err);
    }
  });

  test('prints addresses and commands with real values, and ends with 0 when asked to', async (context) => {
    const child = start(context, FREE_PORTS, SOURCES);
    const output = await printed(child, /demo: has a token/);
    for (const line of [
      /AWS endpoint +http:\/\/127\.0\.0\.1:\d+\n/,
      /curl http:\/\/127\.0\.0\.1:\d+\/tokens\/demo\n/,
      /--secret-id renova\/prd\/demo\/token\/\d+\n/,
      /--function-name renova-prd-read /,
      /npx renova status demo --local --local-port \d+\n/,
    ]) {
      assert.match(output, line);
    }
    assert.doesNotMatch(output, /"level"|demo-client-secret/);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('Ctrl+C says that it stops, and where the state is left', async (context) => {
    const child = start(context, [...FREE_PORTS, '--no-demo']);
    let output = '';
    let isAsked = false;
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      // A second signal would end it at once.
      if (!isAsked && /^Try:$/m.test(output)) isAsked = child.kill('SIGINT');
    });
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.match(
      output,
      /\nStopping: .*Ctrl\+C.*\nStopped\. Its state was in memory; --data DIR keeps it\.\n$/,
    );
  });

  test('a stack that was killed comes back with its credential from the data folder', async (context) => {
    const data = mkdtempSync(join(tmpdir(), 'renova-main-'));
    context.after(() => rmSync(data, { recursive: true, force: true }));
    const killed = start(context, [...FREE_PORTS, '--data', data]);
    await printed(killed, /demo: has a token, generation 1/);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const output = await printed(start(context, [...FREE_PORTS, '--data', data]), /demo: has a token/);
    assert.match(output, /demo: kept from the data folder/);
  });
});
