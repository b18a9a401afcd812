import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DataInUseError, lockFolder } from '../../../local/folder-lock.ts';

function newFolder(context: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'renova-lock-'));
  context.after(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, 'data');
}

describe('the lock of a data folder', () => {
  test('creates the folder for its owner alone', async (context) => {
    const folder = newFolder(context);
    context.after(await lockFolder(folder, 'stack'));
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });

  test('is held by one at a time, and free again when given back', async (context) => {
    const folder = newFolder(context);
    const unlock = await lockFolder(folder, 'stack');
    await assert.rejects(lockFolder(folder, 'stack'), DataInUseError);
    await unlock();
    await (await lockFolder(folder, 'stack'))();
  });

  test('is the same by whatever path the folder is named', async (context) => {
    const folder = newFolder(context);
    context.after(await lockFolder(folder, 'stack'));
    await assert.rejects(lockFolder(`${folder}/../data/`, 'stack'), DataInUseError);
  });

  test('is not shared by the two parts', async (context) => {
    const folder = newFolder(context);
    context.after(await lockFolder(folder, 'stack'));
    context.after(await lockFolder(folder, 'provider'));
  });

  test('of a killed process is taken over', async (context) => {
    const folder = newFolder(context);
    const module = new URL('../../../local/folder-lock.ts', import.meta.url).href;
    const script = `
      const { lockFolder } = await import(${JSON.stringify(module)});
      await lockFolder(${JSON.stringify(folder)}, 'stack');
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    context.after(() => owner.kill('SIGKILL'));
    await once(owner.stdout, 'data');
    await assert.rejects(lockFolder(folder, 'stack'), DataInUseError);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    context.after(await lockFolder(folder, 'stack'));
  });
});
