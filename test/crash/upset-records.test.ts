import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ForkedRefreshProcesses } from '../../functions/refresh-processes.ts';
import { bundleFunction } from '../../infra/function-bundle.ts';
import type { SealedPair } from '../../shared/credential/credential.ts';
import type { TickReport } from '../../shared/refresh/tick/tick.ts';
import { killedWithUs } from '../support/stack-process.ts';
import { type LocalWorld, startLocalWorld } from './local-world.ts';
import type { Upset } from './upset-ports.ts';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const PORTS = pathToFileURL(pathOf('./upset-ports.ts')).href;
const TICK_MS = 60_000;
/** All that were registered are due by then. */
const DUE_MS = 2 * TICK_MS;

/** The variables of processes in which these records do what they do. */
function variables(world: LocalWorld, upsets: Readonly<Record<string, Upset>>, offsetMs: number) {
  return {
    ...world.environment,
    NODE_OPTIONS: `--import=${PORTS}`,
    UPSETS: JSON.stringify(upsets),
    UPSET_OFFSET_MS: String(offsetMs),
  };
}

async function register(world: LocalWorld, credentials: readonly string[]): Promise<void> {
  const [first, second, third] = [
    await world.startProvider(),
    await world.startProvider(),
    await world.startProvider(),
  ];
  // Each grants ten requests a minute.
  const provider = (n: number) => (n < 8 ? first : n < 16 ? second : third);
  for (const [n, credential] of credentials.entries()) await world.register(credential, provider(n));
}

test('a refresh that aborts, hangs or fills its process is an answer, and the next one has another process', {
  timeout: 240_000,
}, async (t) => {
  const world = await startLocalWorld(t, 1);
  const upsets = {
    aborts: { kind: 'abort', step: 'load' },
    hangs: { kind: 'hang', step: 'post' },
    fills: { kind: 'memory', step: 'load' },
    throws: { kind: 'throw', step: 'load' },
  } as const satisfies Record<string, Upset>;
  const healthy = ['healthy-0', 'healthy-1', 'healthy-2'];
  await register(world, [...healthy, ...Object.keys(upsets)]);
  const before = { ...process.env };
  Object.assign(process.env, variables(world, upsets, DUE_MS));
  t.after(() => Object.assign(process.env, { NODE_OPTIONS: undefined }, before));
  const unstored = new Map<string, SealedPair>();
  const processes = new ForkedRefreshProcesses(pathOf('../../functions/refresh.ts'), 8000, unstored);
  t.after(() => processes.close());
  const refresh = (credential: string) =>
    processes.refresh(credential, { priority: 'urgent', atOnce: 1 }, { remainingMs: () => 115_000 });

  const alone = { result: 'ended', isAlone: true };
  assert.equal((await refresh('healthy-0'))?.result, 'refreshed');
  const [aborted, second] = await Promise.all([refresh('aborts'), refresh('healthy-1')]);
  assert.deepEqual([aborted, second?.result], [alone, 'refreshed']);
  const [hung, filled] = await Promise.all([refresh('hangs'), refresh('fills')]);
  assert.deepEqual([hung, filled], [alone, alone]);
  await assert.rejects(refresh('throws'), { name: 'undefined' });
  assert.equal((await refresh('healthy-2'))?.result, 'refreshed');
  for (const credential of healthy) assert.equal((await world.record(credential)).generation, 1);
});

test('the tick after one that a record has ended renews all others, and notes the record', {
  timeout: 240_000,
}, async (t) => {
  const world = await startLocalWorld(t, 1);
  const healthy = Array.from({ length: 20 }, (_, n) => `healthy-${n}`);
  await register(world, ['hostile', ...healthy]);
  const upsets = { hostile: { kind: 'abort', step: 'load' } } as const;

  assert.equal(
    await tickIn(t, variables(world, upsets, DUE_MS)),
    undefined,
    'the first tick ends with its process',
  );
  const report = await tickIn(t, variables(world, upsets, DUE_MS + TICK_MS));

  assert.deepEqual(report?.results, { refreshed: healthy.length, failed: 1 });
  for (const credential of healthy) assert.equal((await world.record(credential)).generation, 1, credential);
  assert.equal((await world.record('hostile')).generation, 0);
  const notes = (await world.medic.timestamps.recall('tick-journal')) as {
    readonly suspects: object;
    open: [];
  };
  assert.deepEqual([Object.keys(notes.suspects), notes.open], [['hostile'], []]);
});

/** One tick in a process of its own; undefined: it ended before it could report. */
async function tickIn(t: TestContext, env: NodeJS.ProcessEnv): Promise<TickReport | undefined> {
  const child = fork(pathOf('./upset-container.ts'), [], {
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  killedWithUs(child);
  t.after(() => void child.kill('SIGKILL'));
  const reported = once(child, 'message').then(([report]) => report as TickReport);
  return Promise.race([reported, once(child, 'exit').then(() => undefined)]);
}

test('what is deployed is one file, which is such a process too', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'renova-bundle-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.mjs'), bundleFunction('refresh'));
  const world = await startLocalWorld(t, 1);
  const env = { ...world.environment, RENOVA_REFRESH_PROCESS: '1' };
  const child = fork(join(folder, 'index.mjs'), [], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  killedWithUs(child);
  t.after(() => void child.kill('SIGKILL'));
  assert.deepEqual((await once(child, 'message'))[0], { ready: true });
  child.send({ id: 1, credential: 'nobody', priority: 'urgent', remainingMs: 60_000 });
  assert.deepEqual((await once(child, 'message'))[0], { id: 1, result: { result: 'unknown-credential' } });
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
