// The disk of --data fills up while answers of the provider are on their way: the stack ends with a sentence, and every
// chain goes on after a restart.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { STACK_PROGRAM } from '../support/programs.ts';
import { killedWithUs, startStackProcess } from '../support/stack-process.ts';
import { eventually } from './eventually.ts';
import { operatorOf } from './operator.ts';
import { sandboxClient } from './sandbox-client.ts';

const CREDENTIALS = ['one', 'two', 'three', 'four'];
const ANSWER_MS = 2500;

/** A disk of 16 MB, or undefined where nobody may mount one. */
function smallDisk(t: TestContext): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'renova-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

function fill(file: string): void {
  const block = Buffer.alloc(64 * 1024);
  for (;;) {
    try {
      appendFileSync(file, block);
    } catch {
      return;
    }
  }
}

test('a full disk ends the stack with a sentence, and no pair is lost', { timeout: 600_000 }, async (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) return t.skip('this machine lets nobody mount a small disk');
  const provider = await startStackProcess(t, ['--provider-only', '--scale', '6']);
  const sandbox = sandboxClient(provider.providerUrl);
  const port = new URL(provider.providerUrl).port;
  const data = join(disk, 'data');
  const args = ['--no-provider', '--data', data, '--scale', '6'];
  const ports = ['--port', '0', '--api-port', '0', '--provider-port', port];
  const child = spawn(process.execPath, [STACK_PROGRAM, ...args, ...ports], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  killedWithUs(child);
  t.after(() => child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const ended = Promise.all([once(child, 'exit'), text(child.stderr)]);
  await eventually('the stack is ready', async () => /^Try:$/m.test(printed) || undefined);
  const awsUrl = /AWS endpoint +(http:\S+)/.exec(printed)?.[1] ?? '';
  const operator = operatorOf(t, 'prd', awsUrl);
  for (const credential of CREDENTIALS) await operator.register(credential, sandbox);
  const { issued } = await sandbox.stats();

  await sandbox.orderFaults({ kind: 'slow', count: CREDENTIALS.length, ms: ANSWER_MS });
  const refreshed = Promise.allSettled(CREDENTIALS.map((credential) => operator.refresh(credential)));
  await eventually('all answers are on their way', async () => {
    const now = await sandbox.stats();
    return now.issued === issued + CREDENTIALS.length || undefined;
  });
  fill(join(disk, 'filler'));
  const [[code], said] = await ended;
  await refreshed;
  assert.equal(code, 1, said);
  assert.match(said, /^--data \S+: the disk is full or cannot be written to\..*start again\.\n$/);

  rmSync(join(disk, 'filler'));
  const again = await startStackProcess(t, args);
  const operatorAgain = operatorOf(t, 'prd', again.awsUrl);
  for (const credential of CREDENTIALS) {
    await eventually(`${credential} has a living token again`, async (seen) => {
      const response = await fetch(`${again.apiUrl}/tokens/${credential}`);
      const { access_token, ...rest } = (await response.json()) as { access_token?: string };
      seen(rest);
      const isAlive = access_token !== undefined && (await sandbox.openResource(access_token)) === 200;
      return isAlive || undefined;
    });
  }
  await Promise.all(CREDENTIALS.map((credential) => operatorAgain.refresh(credential)));
  assert.equal((await sandbox.stats()).reused_refresh_tokens, 0);
});
