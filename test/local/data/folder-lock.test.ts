import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DataInUseError, lockFolder } from '../../../local/data/folder-lock.ts';
import { DataFolderError } from '../../../local/data/make-folder.ts';

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

  test('creates those above it, and leaves nothing in it', async (context) => {
    const folder = join(newFolder(context), 'a', 'b');
    context.after(await lockFolder(folder, 'stack'));
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(statSync(join(folder, '..')).mode & 0o777, 0o700);
  });

  test('names the option when the folder cannot be made or written to', async (context) => {
    const file = newFolder(context);
    writeFileSync(file, '');
    const onLinux = existsSync('/proc') ? ['/proc', '/proc/nope', '/proc/nope/data'] : [];
    for (const folder of [file, join(file, 'data'), join(file, 'a', 'data'), ...onLinux]) {
      await assert.rejects(lockFolder(folder, 'stack'), (error: unknown) => {
        assert.ok(error instanceof DataFolderError, folder);
        assert.ok(error.message.startsWith(`--data ${folder} cannot be written to (E`), error.message);
        return true;
      });
    }
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
    const owner = spawnOwner(context, folder, 'setInterval(() => {}, 1000)');
    await once(owner.stdout, 'data');
    await assert.rejects(lockFolder(folder, 'stack'), DataInUseError);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    context.after(await lockFolder(folder, 'stack'));
  });

  test('leaves no file behind, neither given back nor when its process exits of its own', async (context) => {
    const folder = newFolder(context);
    const temporary = mkdtempSync(join(tmpdir(), 'renova-lock-'));
    context.after(() => rmSync(temporary, { recursive: true, force: true }));
    for (const then of ['await unlock()', 'process.exit(1)', 'throw new Error("fake")']) {
      const owner = spawnOwner(context, folder, then, { TMPDIR: temporary });
      owner.stdout.resume();
      await once(owner, 'exit');
      assert.deepEqual(readdirSync(temporary), [], then);
    }
  });
});

/** A process that takes the lock, says so, and goes on with `then`. */
function spawnOwner(context: TestContext, folder: string, then: string, variables: NodeJS.ProcessEnv = {}) {
  const module = new URL('../../../local/data/folder-lock.ts', import.meta.url).href;
  const script = `
    const { lockFolder } = await import(${JSON.stringify(module)});
    const unlock = await lockFolder(${JSON.stringify(folder)}, 'stack');
    console.log('locked');
    ${then};`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', then.startsWith('throw') ? 'ignore' : 'inherit'],
    env: { ...process.env, ...variables },
  });
  context.after(() => owner.kill('SIGKILL'));
  return owner;
}
