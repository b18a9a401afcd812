import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SandboxStats } from '../../local/sandboxes/provider/sandbox-state.ts';
import { type EnvironmentName, names, secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import { amount, takesLong } from '../runner/amount.ts';
import { patientClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { type Door, startWorkload, type Workload, type WorkloadRecord } from '../support/workload.ts';
import { brokenPromises, unexcusedDeadTokens } from './dead-tokens.ts';
import { httpDoor, invokeDoor, lanesDoor } from './doors.ts';
import { eventually } from './eventually.ts';
import { type Operator, operatorOf } from './operator.ts';
import { publishedGenerations } from './published-generations.ts';
import { sandboxClient } from './sandbox-client.ts';

interface Life {
  readonly env: EnvironmentName;
  readonly scale: number;
  /** Registered beside the demo; with the demo more than the quota serves at once, where that matters. */
  readonly others: readonly string[];
  /** Whose tokens are used all the time. */
  readonly used: readonly string[];
  readonly generations: number;
}

/** The lives of as many tokens of every credential. */
const GENERATIONS = amount({ test: 3, prove: 25 });

const FEW: Life = {
  env: 'prd',
  scale: 60,
  others: ['acme', 'globex', 'initech'],
  used: ['demo', 'acme', 'globex'],
  generations: GENERATIONS,
};
/** Twelve that fall due together meet a quota of ten. */
const MANY: Life = {
  env: 'hml',
  scale: 80,
  others: Array.from({ length: 11 }, (_, at) => `shop-${at + 1}`),
  used: ['demo', 'shop-11'],
  generations: GENERATIONS,
};
/** What a reader does at most between two uses: a stack that is asked all the time costs most of the CPU time. */
const LONGEST_PAUSE_MS = amount({ test: 250, prove: 80 });

describe('a stack in use', { concurrency: true, timeout: 600_000 }, () => {
  test('prd: a few credentials, several readers of each', { skip: takesLong }, (t) => liveThrough(t, FEW));
  test('hml: more credentials than the quota serves at once', (t) => liveThrough(t, MANY));
});

async function liveThrough(t: TestContext, { env, scale, others, used, generations }: Life): Promise<void> {
  const stack = await startStackProcess(t, ['--env', env, '--scale', String(scale)]);
  const sandbox = sandboxClient(stack.providerUrl);
  const operator = operatorOf(t, env, stack.awsUrl);
  const secretsManager = new SecretsManagerClient(patientClientOptions(stack.awsUrl));
  t.after(() => secretsManager.destroy());
  const secrets = secretNames(names(env).secretPrefix);
  for (const credential of others) await operator.register(credential, sandbox);
  // All at once, so that they fall due together from now on; one that gets no permit in time is no matter.
  await Promise.allSettled(others.map((credential) => operator.refresh(credential)));

  const doors = [
    lanesDoor(secretsManager, secrets, timing(scale).dayMs),
    invokeDoor(operator),
    httpDoor(stack.apiUrl),
  ];
  const workload = startWorkload({
    doors,
    credentials: used,
    openResource: sandbox.openResource,
    longestPauseMs: LONGEST_PAUSE_MS,
  });
  t.after(() => workload.stop().catch(() => undefined));
  await untilPublished(operator, generations);
  await untilUseful(workload, doors, used, generations);
  const record = await workload.stop();
  // Whatever was refused must have a successor by now, published or late.
  const newest = Math.max(...record.uses.map(({ generation }) => generation));
  const credentials = await untilPublished(operator, newest + 1);
  const stats = await sandbox.stats();
  sayWhatHappened(t, record, stats);

  assert.equal(stats.throttled, 0, 'throttled');
  assert.equal(stats.reused_refresh_tokens, 0, 'reused_refresh_tokens');
  assert.ok(stats.busiest_window <= 10, `busiest_window: ${stats.busiest_window}`);
  assert.equal(stats.resource_ok + stats.resource_401, record.uses.length, 'every use was recorded');
  for (const { credential, generation, lanes } of credentials) {
    const lanesOfIt = Array.from({ length: lanes }, (_, lane) => secrets.lane(credential, lane));
    const publishedAtMs = await publishedGenerations(secretsManager, lanesOfIt);
    const missing = Array.from({ length: generation }, (_, at) => at + 1).filter(
      (g) => !publishedAtMs.has(g),
    );
    assert.deepEqual(missing, [], `${credential}: generations that no lane ever held`);
    const uses = record.uses.filter((use) => use.credential === credential);
    assert.deepEqual(unexcusedDeadTokens(uses, publishedAtMs), [], `${credential}: dead tokens`);
    assert.deepEqual(brokenPromises(uses), [], `${credential}: dead before refresh_after`);
  }
}

/** Every credential is active and has published generation `atLeast` or a later one. */
function untilPublished(operator: Operator, atLeast: number) {
  return eventually(
    `generation ${atLeast} of every credential`,
    async (seen) => {
      const credentials = await operator.list();
      seen(credentials.map(({ credential, state, generation }) => [credential, state, generation]));
      for (const { credential, state, reason } of credentials) {
        assert.equal(state, 'active', `${credential}: ${reason}`);
      }
      const there = credentials.every((one) => one.published_generation >= atLeast);
      return there ? credentials : undefined;
    },
    { withinMs: 240_000, everyMs: 500 },
  );
}

/** Readers that saw next to nothing would prove next to nothing: on a busy machine they take their time. */
function untilUseful(
  { uses }: Workload,
  doors: readonly Door[],
  credentials: readonly string[],
  generations: number,
) {
  const opened = (door: string, credential: string) =>
    new Set(
      uses
        .filter((use) => use.door === door && use.credential === credential && use.status === 200)
        .map(({ generation }) => generation),
    ).size;
  return eventually(
    `${Math.ceil(generations / 2)} generations that worked at each door`,
    async (seen) => {
      const counts = doors.flatMap(({ name }) =>
        credentials.map((credential) => [name, credential, opened(name, credential)] as const),
      );
      seen(counts);
      return counts.every(([, , count]) => count >= generations / 2) || undefined;
    },
    { withinMs: 240_000, everyMs: 500 },
  );
}

function sayWhatHappened(t: TestContext, { uses, gaps }: WorkloadRecord, stats: SandboxStats): void {
  const dead = uses.filter(({ status }) => status === 401).length;
  t.diagnostic(`${t.name}: ${uses.length} uses, ${dead} dead tokens, ${gaps} times no token`);
  t.diagnostic(`${stats.issued} pairs issued, at most ${stats.busiest_window} requests in one quota window`);
}
