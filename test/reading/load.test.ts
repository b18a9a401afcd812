import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type EnvironmentName, names, secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import { unexcusedDeadTokens } from '../integration/dead-tokens.ts';
import { eventually } from '../integration/eventually.ts';
import { publishedGenerations } from '../integration/published-generations.ts';
import { seededRandom } from '../integration/seeded-random.ts';
import { amount, takesLong } from '../runner/amount.ts';
import { startWorkload, type Use } from '../support/workload.ts';
import { disturb } from './chaos.ts';
import { type Outage, pairsAtRest, registered, reseedLapsed, startWorld, type World } from './load-world.ts';
import { type DoorFigures, watchedDoors } from './readers.ts';

/**
 * `RENOVA_READERS=200 RENOVA_MINUTES=60` is the hour; by default a shorter time with fewer readers. They are at least
 * so many: as many for each credential at each door.
 */
const READERS = amount({ test: 24, prove: 200, variable: 'RENOVA_READERS' });
const MINUTES = amount({ test: 2, prove: 60, variable: 'RENOVA_MINUTES' });
const SEED = Number(process.env.RENOVA_SEED ?? Date.now() % 1_000_000);
const CREDENTIALS = Array.from({ length: amount({ test: 6, prove: 20 }) }, (_, at) => `shop-${at + 1}`);
/** All together ask some eighty times a second at most, a third of what the local stack can answer. */
const PAUSE_FOR_EACH_MS = amount({ test: 40, prove: 25 });
/** One orderly restart, and a `kill -9` in each ten minutes. */
const OUTAGES: readonly Outage[] = [
  'stop',
  ...Array<Outage>(Math.max(1, Math.round(MINUTES / 10))).fill('kill'),
];

describe('many readers under faults, forced refreshes, restarts and kill -9', {
  timeout: 400_000 + MINUTES * 6000,
}, () => {
  for (const [env, scale] of [
    ['hml', 40],
    ['prd', 30],
  ] as const) {
    test(
      `${env}: no dead token is served but in the window before its successor is published`,
      {
        skip: env === 'hml' && takesLong,
      },
      (t) => live(t, env, scale),
    );
  }
});

async function live(t: TestContext, env: EnvironmentName, scale: number): Promise<void> {
  const world = await startWorld(t, env, scale);
  const { sandbox, secretsManager, operator, apiUrl } = world;
  const secrets = secretNames(names(env).secretPrefix);
  for (const credential of CREDENTIALS) await registered(credential, world);
  const begun = await pairsAtRest(world);

  const { dayMs } = timing(scale);
  const { doors, figures } = watchedDoors({ secretsManager, secrets, dayMs, operator, apiUrl });
  const readersEach = Math.ceil(READERS / CREDENTIALS.length / doors.length);
  const readers = readersEach * CREDENTIALS.length * doors.length;
  const workload = startWorkload({
    doors,
    credentials: CREDENTIALS,
    openResource: sandbox.openResource,
    readersEach,
    longestPauseMs: readers * PAUSE_FOR_EACH_MS,
  });
  t.after(() => workload.stop().catch(() => undefined));
  const { reseeded, ...done } = await disturb(world, {
    durationMs: (MINUTES * 60_000) / scale,
    outages: OUTAGES,
    disturbances: Math.max(9, MINUTES),
    credentials: CREDENTIALS,
    random: seededRandom(SEED),
  });
  const { uses } = await workload.stop();
  const lost = [...reseeded, ...(await reseededUntilAllLive(world))];
  const ended = await pairsAtRest(world);

  const { throttled, busiest_window, reused_refresh_tokens } = await sandbox.stats();
  const dead = uses.filter(({ status }) => status === 401);
  t.diagnostic(
    `${env}: ${uses.length} uses by ${readers} readers, ${dead.length} of a token that was dead by then`,
  );
  for (const line of figures().map(inWords)) t.diagnostic(line);
  t.diagnostic(`${JSON.stringify({ ...done, lost: lost.length })}, seed ${SEED}`);

  for (const credential of new Set(dead.map((use) => use.credential))) {
    const unexcused = unexcusedDeadTokens(
      uses.filter((use) => use.credential === credential),
      await publishedOf(credential, world, env),
    );
    assert.deepEqual(unexcused, [], `${credential}: dead tokens, seed ${SEED}`);
  }
  for (const { door, expired } of figures()) assert.equal(expired, 0, `${door}: expired tokens`);
  const issued = ended.issued - begun.issued;
  assert.equal(
    ended.kept - begun.kept,
    issued - lost.length,
    'every pair was kept, but one of each lost chain',
  );
  // Each is posted twice before its chain is declared ended (I8).
  assert.ok(
    reused_refresh_tokens >= lost.length && reused_refresh_tokens <= 2 * lost.length,
    `${reused_refresh_tokens} spent tokens were posted, for ${lost.length} lost chains`,
  );
  assert.ok(busiest_window <= 10, `busiest_window: ${busiest_window}, throttled: ${throttled}`);
  for (const { name } of doors) assertUseful(name, uses);
}

/** When each generation of the credential was published. */
async function publishedOf(credential: string, { operator, secretsManager }: World, env: EnvironmentName) {
  const secrets = secretNames(names(env).secretPrefix);
  const { lanes } = await operator.status(credential);
  const lanesOfIt = Array.from({ length: lanes }, (_, lane) => secrets.lane(credential, lane));
  return publishedGenerations(secretsManager, lanesOfIt);
}

/** What the last kill did to a chain may show only at its next refresh. */
async function reseededUntilAllLive(world: World): Promise<readonly string[]> {
  const reseeded: string[] = [];
  const before = new Map((await world.operator.list()).map((one) => [one.credential, one.generation]));
  await eventually('a next generation of every credential', async (seen) => {
    reseeded.push(...(await reseedLapsed(world)));
    const waiting = (await world.operator.list()).filter(
      ({ credential, generation }) => generation <= (before.get(credential) ?? 0),
    );
    seen(waiting.map(({ credential, state, reason }) => [credential, state, reason]));
    return waiting.length === 0 ? true : undefined;
  });
  return reseeded;
}

function inWords({ door, reads, without, away }: DoorFigures): string {
  const { count, p50, p99 } = reads;
  return `  ${door}: ${count} reads, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; ${without} without a token, ${away} while nobody answered`;
}

/** Readers that saw next to nothing would prove next to nothing. */
function assertUseful(door: string, uses: readonly Use[]): void {
  const alive = uses.filter((use) => use.door === door && use.status === 200);
  const opened = new Set(alive.map(({ credential, generation }) => `${credential} ${generation}`)).size;
  assert.ok(opened >= CREDENTIALS.length, `${door}: only ${opened} tokens ever worked`);
}
