import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { amount } from '../runner/amount.ts';
import { spawnStackProcess, startStackProcess } from '../support/stack-process.ts';
import { eventually } from './eventually.ts';
import { beginChain, type Chain, type KillOutcome, outcomeOf, pairsIssued } from './killed-chain.ts';
import { operatorOf } from './operator.ts';
import { sandboxClient } from './sandbox-client.ts';
import { seededRandom } from './seeded-random.ts';

/** `RENOVA_SEED` repeats the moments of an earlier run. */
const KILLS = amount({ test: 1, prove: 60, variable: 'RENOVA_KILLS' });
const SEED = Number(process.env.RENOVA_SEED ?? Date.now() % 1_000_000);

const ENV = 'prd';
const PARTS = ['--env', ENV, '--scale', '60'];
/** The life of a token and a little more: every moment of a refresh cycle can be hit. */
const CYCLE_MS = 3500;
/** A request takes this long from its arrival to the end of publishing, more or less. */
const REFRESH_MS = 40;
/** The stack is ready after about as long. */
const START_MS = 1000;

describe('kill -9 of the stack, the provider living on', {
  concurrency: true,
  timeout: 600_000 + KILLS * 30_000,
}, () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  test('at random moments: the chain goes on, or the provider proves that nobody could save it', (t) =>
    killAtRandomMoments(t));
  test('between the commit of the provider and its answer: a lapse that admits the unknown outcome', (t) =>
    killInTheUnsavableWindow(t));
});

async function killAtRandomMoments(t: TestContext): Promise<void> {
  t.diagnostic(`${KILLS} kills, seed ${SEED} (again with RENOVA_SEED=${SEED})`);
  const world = await startWorld(t);
  const random = seededRandom(SEED);
  const count: Record<KillOutcome, number> = { recovered: 0, unsavable: 0 };
  let chains = 0;
  let running = await world.start();
  let chain: Chain | undefined;
  let kills = 0;
  // However few they are: one that is recovered from is among them.
  while (kills < KILLS || count.recovered === 0) {
    if (!chain) {
      chains += 1;
      chain = await beginChain(`victim-${chains}`, running.operator, world.sandbox);
    }
    await moment(random, world);
    await running.stack.kill();
    kills += 1;
    if (random() < 0.25) {
      await world.dieWhileStarting(random() * START_MS);
      kills += 1;
    }
    const issuedAtDeath = await pairsIssued(chain, world.sandbox);
    running = await world.start();
    const outcome = await outcomeOf(t, chain, issuedAtDeath, running, world.sandbox);
    count[outcome] += 1;
    if (outcome === 'unsavable') chain = undefined;
  }
  t.diagnostic(
    `${kills} kills in ${count.recovered + count.unsavable} rounds (some rounds kill the restart too): ${count.recovered} recovered, ${count.unsavable} unsavable, ${chains} chains`,
  );
  const { throttled, busiest_window, reused_refresh_tokens } = await world.sandbox.stats();
  assert.equal(throttled, 0, 'throttled');
  assert.ok(busiest_window <= 10, `busiest_window: ${busiest_window}`);
  if (count.unsavable === 0) assert.equal(reused_refresh_tokens, 0, 'spent tokens were posted');
}

async function killInTheUnsavableWindow(t: TestContext): Promise<void> {
  const world = await startWorld(t);
  const running = await world.start();
  const chain = await beginChain('lost', running.operator, world.sandbox);
  const before = await world.sandbox.stats();
  await world.sandbox.orderFaults({ kind: 'slow', count: 1, ms: 60_000 });

  await eventually(
    'a pair is issued and not answered',
    async () => {
      const { issued } = await world.sandbox.stats();
      return issued > before.issued ? issued : undefined;
    },
    { everyMs: 10 },
  );
  await running.stack.kill();
  const issuedAtDeath = await pairsIssued(chain, world.sandbox);
  const again = await world.start();

  assert.equal(await outcomeOf(t, chain, issuedAtDeath, again, world.sandbox), 'unsavable');
  const next = await beginChain('reseeded', again.operator, world.sandbox);
  assert.equal((await again.operator.status(next.credential)).state, 'active');
}

/** Half of the time anywhere in the cycle, half of the time while a refresh is under way. */
async function moment(random: () => number, { sandbox }: World): Promise<void> {
  if (random() < 0.5) return delay(random() * CYCLE_MS);
  const { token_requests } = await sandbox.stats();
  const request = eventually(
    'a token request',
    async () => {
      const now = await sandbox.stats();
      return now.token_requests > token_requests ? now : undefined;
    },
    { everyMs: 1, withinMs: 20_000 },
  );
  // If none comes, the kill finds a chain at rest, or one that has ended; its outcome says which.
  await request.catch(() => undefined);
  await delay(random() * REFRESH_MS);
}

/** Removed when every process that works in them is gone. */
const folders: string[] = [];

type World = Awaited<ReturnType<typeof startWorld>>;

/** A sandbox that lives as long as the test, and a folder in which the stack is started again and again. */
async function startWorld(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'renova-kill-'));
  folders.push(folder);
  const provider = await startStackProcess(t, [
    ...PARTS,
    '--provider-only',
    '--data',
    join(folder, 'provider'),
  ]);
  const args = [...PARTS, '--no-provider', '--data', join(folder, 'stack')];
  const sandbox = sandboxClient(provider.providerUrl);
  return {
    sandbox,
    async start() {
      const stack = await startStackProcess(t, args);
      const { awsUrl } = stack;
      return { stack, env: ENV, awsUrl, operator: operatorOf(t, ENV, awsUrl) } as const;
    },
    async dieWhileStarting(afterMs: number) {
      const stack = spawnStackProcess(t, args);
      await delay(afterMs);
      await stack.kill();
    },
  };
}
