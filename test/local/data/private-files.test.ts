import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { keepDiskRoom, secondTry } from '../../../local/data/disk-room.ts';
import { lostPart } from '../../../local/data/lost-part.ts';
import { DataFolderError } from '../../../local/data/make-folder.ts';
import { keepPrivate } from '../../../local/data/private-files.ts';
import type { StackOptions } from '../../../local/options.ts';
import { startStack } from '../../../local/stack.ts';
import type { StackReport } from '../../../local/stack-report.ts';

function folder(context: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'renova-data-'));
  context.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Every file and folder below `path`, with its mode. */
function modesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => {
    const full = join(path, name);
    return `${statSync(full).isDirectory() ? 'folder' : 'file'} ${modeOf(full)}`;
  });
}

async function runOnce(context: TestContext, data: string): Promise<StackReport[]> {
  const options: StackOptions = {
    ...{ env: 'prd', scale: 1, port: 0, apiPort: 0, providerPort: 0, parts: 'all', demo: true },
    ...{ allowRemoteProvider: false, data },
  };
  const reports: StackReport[] = [];
  const stack = await startStack(options, { report: (report) => void reports.push(report), variables: {} });
  context.after(() => stack.stop());
  await stack.stop();
  return reports;
}

test('what is kept is its owner alone, in a folder that others may read, and what an older run left too', async (context) => {
  const data = folder(context);
  chmodSync(data, 0o755);
  mkdirSync(join(data, 'theirs'), { mode: 0o755 });
  writeFileSync(join(data, 'renova.log'), '', { mode: 0o644 });
  const before = process.umask(0);
  context.after(() => process.umask(before));
  await runOnce(context, data);
  chmodSync(join(data, 'dynamodb'), 0o755);
  for (const name of readdirSync(join(data, 'dynamodb'))) chmodSync(join(data, 'dynamodb', name), 0o644);
  await runOnce(context, data);
  rmSync(join(data, 'theirs'), { recursive: true });
  assert.deepEqual([...new Set(modesBelow(data))].sort(), ['file 600', 'folder 700']);
  assert.equal(modeOf(data), '755', 'the folder itself is not ours');
});

test('a file whose rights cannot be changed ends the start with a sentence', (context) => {
  const data = folder(context);
  const before = process.umask();
  context.after(() => process.umask(before));
  symlinkSync('renova.log', join(data, 'renova.log'));
  assert.throws(() => keepPrivate(data), DataFolderError);
});

test('half of the state that is gone is said, and is no reason not to start', async (context) => {
  const data = folder(context);
  assert.deepEqual(
    (await runOnce(context, data)).filter(({ type }) => type === 'data-lost'),
    [],
  );
  rmSync(join(data, 'dynamodb'), { recursive: true });
  const reports = await runOnce(context, data);
  assert.deepEqual(
    reports.filter(({ type }) => type === 'data-lost'),
    [{ type: 'data-lost', part: 'tables' }],
  );
  rmSync(join(data, 'provider.jsonl'));
  assert.deepEqual(
    (await runOnce(context, data)).filter(({ type }) => type === 'data-lost'),
    [{ type: 'data-lost', part: 'provider' }],
  );
  assert.equal(lostPart({ secrets: 0, hasTables: true }), 'secrets');
  assert.equal(lostPart({ secrets: 0, hasTables: false }), undefined);
  assert.equal(lostPart({ secrets: 3, hasTables: true }), undefined);
});

test('a reserve lies in the folder until it is given up', (context) => {
  const data = folder(context);
  const room = keepDiskRoom(data);
  const reserve = join(data, '.reserve');
  assert.equal(statSync(reserve).size, 4 * 1024 * 1024);
  assert.equal(room.isShort(), false);
  room.giveWay();
  room.giveWay();
  assert.equal(statSync(reserve, { throwIfNoEntry: false }), undefined);
  assert.throws(() => keepDiskRoom(join(data, 'nowhere')), DataFolderError);
});

test('a write that fails gives up the reserve and is tried once more', () => {
  const happened: string[] = [];
  let room = false;
  const write = secondTry(
    (line: string) => {
      happened.push(`write ${line}`);
      if (!room) throw new Error('ENOSPC');
    },
    () => {
      happened.push('give way');
      room = true;
    },
  );
  write('a');
  assert.deepEqual(happened, ['write a', 'give way', 'write a']);
  const hopeless = secondTry(
    () => {
      throw new Error('ENOSPC');
    },
    () => undefined,
  );
  assert.throws(() => hopeless(), /ENOSPC/);
});
