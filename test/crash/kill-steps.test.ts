import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../integration/seeded-random.ts';
import { amount } from '../runner/amount.ts';
import { inOrder } from './in-order.ts';
import { type LocalWorld, type OwnProvider, startLocalWorld } from './local-world.ts';
import { type MortalProcess, startMortal } from './mortal-process.ts';

/** `RENOVA_SEED` repeats the choices of an earlier run. */
// The first kills hit each step once, which is all of `npm test`; then every other one hits a rare step, and the rest any moment.
const KILLS = amount({ test: 15, prove: 200, variable: 'RENOVA_KILLS' });
const SEED = Number(process.env.RENOVA_SEED ?? Date.now() % 1_000_000);
/** Leases and quiet times are at their floors of 2 s. */
const SCALE = 30;
/** Chains that are killed side by side: most of the time goes into waiting for leases. */
const CHAINS = 5;
/** From so many kills on, each step must have been hit. */
const LONG_RUN = 200;
const LEAST_HITS = 5;
/** What follows the first step takes about as long, in a process that has just started. */
const REFRESH_MS = 200;

/** What a refresh says on its way. The permit is settled beside the keep. */
const STEPS = [
  'ledger load',
  'vault get seal/refresh',
  'vault get client',
  'quota acquire load',
  'quota acquire save',
  'ledger begin refresh',
  'provider post',
  'provider post, answered',
  'quota settle load',
  'quota settle save',
  'ledger keep',
  'ledger keep, answered',
  'vault put token/',
  'bus publish',
  'ledger finish',
] as const;

/** However few the kills are: one falls between the keep and the publish. */
const KEPT: (typeof STEPS)[number] = 'ledger keep, answered';

/** Where the new pair can be in the dead process's memory only: until the first store has answered. */
const UNSAVABLE: readonly string[] = [
  'provider post',
  'provider post, answered',
  'quota settle load',
  'quota settle load, answered',
  'quota settle save',
  'quota settle save, answered',
  'ledger keep',
];

test('kill -9 of the refresh function at any step', { timeout: 600_000 + KILLS * 20_000 }, async (t) => {
  t.diagnostic(`${KILLS} kills, seed ${SEED} (again with RENOVA_SEED=${SEED})`);
  const world = await startLocalWorld(t, SCALE);
  const random = seededRandom(SEED);
  const hits = new Map<string, number>(STEPS.map((step) => [step, 0]));
  const lost = new Map<string, number>();
  let left = KILLS;
  const killOn = async (name: string) => {
    let chain: Chain | undefined;
    let chains = 0;
    let next = startMortal(world.environment);
    while (left > 0 || (hits.get(KEPT) ?? 0) === 0) {
      const first = left > 0 ? STEPS[KILLS - left] : KEPT;
      left -= 1;
      chains += chain ? 0 : 1;
      chain ??= await beginChain(world, `${name}-${chains}`);
      const victim = next;
      next = startMortal(world.environment);
      const step = first ?? (random() < 0.5 ? rarest(hits, random) : undefined);
      const said = await killed(victim, chain, step, random);
      hits.set(said, (hits.get(said) ?? 0) + 1);
      const outcome = await inOrder(world, chain.credential, chain.provider).catch((error: unknown) => {
        throw new Error(`killed at "${said}": ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      });
      if (outcome === 'lives') continue;
      assert.ok(UNSAVABLE.includes(said), `killed at "${said}": the chain lapsed`);
      lost.set(said, (lost.get(said) ?? 0) + 1);
      chain = undefined;
    }
    await next.kill();
  };
  await Promise.all(Array.from({ length: CHAINS }, (_, place) => killOn(`victim-${place + 1}`)));
  sayWhatWasHit(t, hits, lost);
  if (KILLS < LONG_RUN) return;
  for (const step of STEPS)
    assert.ok((hits.get(step) ?? 0) >= LEAST_HITS, `${step} was hit ${hits.get(step)} times`);
});

interface Chain {
  readonly credential: string;
  readonly provider: OwnProvider;
}

async function beginChain(world: LocalWorld, credential: string): Promise<Chain> {
  const provider = await world.startProvider();
  await world.register(credential, provider);
  return { credential, provider };
}

/** A step that was hit least often until now. */
function rarest(hits: ReadonlyMap<string, number>, random: () => number): string {
  const least = Math.min(...STEPS.map((step) => hits.get(step) ?? 0));
  const rare = STEPS.filter((step) => hits.get(step) === least);
  return rare[Math.floor(random() * rare.length)] ?? STEPS[0];
}

/** Kills it at the step or, without one, at any moment; resolves with the last thing it said. */
async function killed(
  victim: MortalProcess,
  { credential }: Chain,
  step: string | undefined,
  random: () => number,
): Promise<string> {
  await victim.ready;
  if (step !== undefined) {
    victim.refresh({ credential, holdAt: step });
    await victim.until(step);
  } else {
    victim.refresh({ credential });
    await victim.until(STEPS[0]);
    await delay(random() * REFRESH_MS);
  }
  return victim.kill();
}

function sayWhatWasHit(
  t: TestContext,
  hits: ReadonlyMap<string, number>,
  lost: ReadonlyMap<string, number>,
): void {
  for (const [step, count] of hits) {
    const ended = lost.get(step);
    t.diagnostic(
      `${step.padEnd(28)} ${String(count).padStart(4)}${ended ? `, of which ${ended} unsavable` : ''}`,
    );
  }
}
