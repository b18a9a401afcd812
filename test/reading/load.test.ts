import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { FaultOrder } from '../../local/provider/faults.ts';
import { type EnvironmentName, names, secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import { unexcusedDeadTokens } from '../integration/dead-tokens.ts';
import { httpDoor, invokeDoor, lanesDoor } from '../integration/doors.ts';
import { eventually } from '../integration/eventually.ts';
import { type Operator, operatorOf } from '../integration/operator.ts';
import { publishedGenerations } from '../integration/published-generations.ts';
import { type SandboxClient, sandboxClient } from '../integration/sandbox-client.ts';
import { seededRandom } from '../integration/seeded-random.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { startWorkload, type Use } from '../support/workload.ts';
import { clientDoor, patient } from './patient-doors.ts';

/** `RENOVA_READERS=200 RENOVA_MINUTES=60` is the hour; by default a shorter time with fewer readers. */
const READERS = Number(process.env.RENOVA_READERS ?? 80);
const MINUTES = Number(process.env.RENOVA_MINUTES ?? 6);
const SEED = Number(process.env.RENOVA_SEED ?? Date.now() % 1_000_000);
const CREDENTIALS = Array.from({ length: 20 }, (_, at) => `shop-${at + 1}`);
/** All together ask some eighty times a second, a third of what the local stack can answer. */
const PAUSE_FOR_EACH_MS = 25;
/** Those that leave the chain alive: what a lost answer does to it is another test's. */
const FAULTS: readonly FaultOrder[] = [
  { kind: 'drop-request', count: 2 },
  { kind: 'http-503', count: 2 },
  { kind: 'http-429', count: 1, ms: 200 },
  { kind: 'slow', count: 3, ms: 400 },
];

describe('many readers under faults, forced refreshes and restarts', {
  timeout: 180_000 + MINUTES * 4000,
}, () => {
  for (const [env, scale] of [
    ['hml', 40],
    ['prd', 30],
  ] as const) {
    test(`${env}: no dead token is served but in the window before its successor is published`, (t) =>
      live(t, env, scale));
  }
});

async function live(t: TestContext, env: EnvironmentName, scale: number): Promise<void> {
  const world = await startWorld(t, env, scale);
  const { sandbox, operator, secretsManager } = world;
  const secrets = secretNames(names(env).secretPrefix);
  for (const credential of CREDENTIALS) await registered(credential, world);

  const doors = [
    lanesDoor(secretsManager, secrets, timing(scale).dayMs),
    invokeDoor(operator),
    httpDoor(world.apiUrl),
    clientDoor(world.apiUrl),
  ].map(patient);
  const workload = startWorkload({
    doors,
    credentials: CREDENTIALS,
    openResource: sandbox.openResource,
    readersEach: Math.max(1, Math.round(READERS / CREDENTIALS.length / doors.length)),
    longestPauseMs: READERS * PAUSE_FOR_EACH_MS,
  });
  t.after(() => workload.stop().catch(() => undefined));
  const disturbances = await disturb(world, (MINUTES * 60_000) / scale);
  const record = await workload.stop();
  await untilAllLive(operator);
  const { throttled, busiest_window, reused_refresh_tokens } = await sandbox.stats();

  const dead = record.uses.filter(({ status }) => status === 401).length;
  t.diagnostic(
    `${env}: ${record.uses.length} uses by ${READERS} readers, ${dead} dead tokens, ${record.gaps} times none`,
  );
  t.diagnostic(`${JSON.stringify(disturbances)}, seed ${SEED}`);
  for (const credential of new Set(
    record.uses.filter(({ status }) => status === 401).map((use) => use.credential),
  )) {
    const { lanes } = await operator.status(credential);
    const lanesOfIt = Array.from({ length: lanes }, (_, lane) => secrets.lane(credential, lane));
    const publishedAtMs = await publishedGenerations(secretsManager, lanesOfIt);
    const uses = record.uses.filter((use) => use.credential === credential);
    assert.deepEqual(
      unexcusedDeadTokens(uses, publishedAtMs),
      [],
      `${credential}: dead tokens, seed ${SEED}`,
    );
  }
  assert.equal(reused_refresh_tokens, 0, 'reused_refresh_tokens');
  assert.ok(busiest_window <= 10, `busiest_window: ${busiest_window}, throttled: ${throttled}`);
  for (const { name } of doors) assertUseful(name, record.uses);
}

interface World {
  readonly sandbox: SandboxClient;
  readonly operator: Operator;
  readonly secretsManager: SecretsManagerClient;
  readonly apiUrl: string;
  /** Asks the stack to stop and starts it again, at the same addresses and on the same data. */
  restart(): Promise<void>;
}

async function startWorld(t: TestContext, env: EnvironmentName, scale: number): Promise<World> {
  const data = mkdtempSync(join(tmpdir(), 'renova-load-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const parts = ['--env', env, '--scale', String(scale)];
  const provider = await startStackProcess(t, [...parts, '--provider-only']);
  const all = [...parts, '--no-provider', '--no-demo', '--data', data];
  let stack: StackProcess = await startStackProcess(t, all);
  const { awsUrl, apiUrl } = stack;
  const ports = ['--port', new URL(awsUrl).port, '--api-port', new URL(apiUrl).port];
  // Patient: looking through all versions in the end meets the rates of Secrets Manager.
  const secretsManager = new SecretsManagerClient({ ...testClientOptions(awsUrl), maxAttempts: 20 });
  t.after(() => secretsManager.destroy());
  return {
    sandbox: sandboxClient(provider.providerUrl),
    operator: operatorOf(t, env, awsUrl),
    secretsManager,
    apiUrl,
    async restart() {
      await stack.stop();
      stack = await startStackProcess(t, [...all, ...ports]);
    },
  };
}

/** A registration that a store failed is all undone, and made again. */
async function registered(credential: string, { operator, sandbox }: World): Promise<void> {
  await eventually(`the registration of ${credential}`, () =>
    operator.register(credential, sandbox).then(
      () => true,
      () => undefined,
    ),
  );
}

/** Faults and forced refreshes by chance, and a restart after each third of them. */
async function disturb({ sandbox, operator, restart }: World, durationMs: number) {
  const random = seededRandom(SEED);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const forced: Promise<number>[] = [];
  const count = { faults: 0, restarts: 0, awaySeconds: 0 };
  const times = Math.max(12, MINUTES);
  const third = Math.floor(times / 3);
  for (let at = 1; at <= times; at += 1) {
    await delay(durationMs / times);
    if (at === third || at === 2 * third) {
      const awayFromMs = performance.now();
      await restart();
      count.awaySeconds += Math.round((performance.now() - awayFromMs) / 1000);
      count.restarts += 1;
    } else if (random() < 0.4) {
      await sandbox.orderFaults(pick(FAULTS));
      count.faults += 1;
    } else {
      // One that meets a restart or a fault comes to nothing, and is none.
      const refreshing = operator.refresh(pick(CREDENTIALS));
      forced.push(
        refreshing.then(
          () => 1,
          () => 0,
        ),
      );
    }
  }
  const done = await Promise.all(forced);
  return { ...count, forced: done.reduce((sum, one) => sum + one, 0) };
}

/** Every chain has survived, and each credential has a living token again. */
function untilAllLive(operator: Operator) {
  return eventually('a living, published token of every credential', async (seen) => {
    const credentials = await operator.list();
    seen(credentials.map(({ credential, state, generation }) => [credential, state, generation]));
    for (const { credential, state, reason } of credentials)
      assert.equal(state, 'active', `${credential}: ${reason}`);
    return credentials.every((one) => one.published_generation === one.generation) ? credentials : undefined;
  });
}

/** Readers that saw next to nothing would prove next to nothing. */
function assertUseful(door: string, uses: readonly Use[]): void {
  const alive = uses.filter((use) => use.door === door && use.status === 200);
  const opened = new Set(alive.map(({ credential, generation }) => `${credential} ${generation}`)).size;
  assert.ok(opened >= CREDENTIALS.length, `${door}: only ${opened} tokens ever worked`);
}
