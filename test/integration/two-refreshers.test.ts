import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { amount } from '../runner/amount.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { eventually } from './eventually.ts';
import { type Operator, operatorOf } from './operator.ts';
import { type RefreshEvent, type RefresherProcess, startRefresherProcess } from './refresher-process.ts';
import { type SandboxClient, sandboxClient } from './sandbox-client.ts';

const ROUNDS = amount({ test: 12, prove: 40 });
const CREDENTIAL = 'contended';
const SETTING = { env: 'prd', scale: 60 } as const;

/** What the two are asked for at the same moment. */
const CONTESTS: readonly ((generation: number) => Partial<RefreshEvent>)[] = [
  (generation) => ({ if_generation: generation }),
  () => ({ force: true }),
];

test('two processes and the schedule race on one credential: one post for each generation', {
  timeout: 600_000,
}, async (t) => {
  const stack = await startStackProcess(t, [
    '--env',
    SETTING.env,
    '--scale',
    String(SETTING.scale),
    '--no-demo',
  ]);
  const sandbox = sandboxClient(stack.providerUrl);
  const operator = operatorOf(t, SETTING.env, stack.awsUrl);
  await operator.register(CREDENTIAL, sandbox);
  const racers = [0, 1].map(() => startRefresherProcess(t, { ...SETTING, awsUrl: stack.awsUrl }));

  const won = await race(operator, racers);
  const generation = await untilNothingIsInFlight(operator, sandbox);

  const stats = await sandbox.stats();
  sayWhatHappened(t, won, generation);
  assert.equal(stats.reused_refresh_tokens, 0, 'reused_refresh_tokens');
  assert.equal(stats.throttled, 0, 'throttled');
  assert.ok(stats.busiest_window <= 10, `busiest_window: ${stats.busiest_window}`);
  assert.equal(new Set(won.flat()).size, won.flat().length, 'a generation that both claim to have brought');
  assert.ok(won.flat().length >= ROUNDS / 2, `only ${won.flat().length} refreshes of two racing processes`);
  await assertAlive(operator, sandbox);
});

/** The generations that each racer brought. */
async function race(operator: Operator, racers: readonly RefresherProcess[]): Promise<number[][]> {
  const won = racers.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { generation: before } = await operator.status(CREDENTIAL);
    const trigger = CONTESTS[round % CONTESTS.length]?.(before);
    const event = { action: 'refresh', credential: CREDENTIAL, wait_ms: 10_000, ...trigger } as const;
    const answers = await Promise.all(racers.map((racer) => racer.refresh(event)));
    for (const [at, { result, generation }] of answers.entries()) {
      if (result === 'refreshed' && generation !== undefined) won[at]?.push(generation);
    }
    const { generation: after, state, reason } = await operator.status(CREDENTIAL);
    assert.equal(state, 'active', `round ${round}: ${reason}`);
    assert.ok(after > before, `round ${round}: nobody refreshed: ${JSON.stringify(answers)}`);
  }
  return won;
}

/**
 * Resolves with the generation of a moment in which every request that the sandbox ever saw has become a
 * generation. The schedule goes on, so a request may be under way whenever one looks; one that was posted
 * twice would be too many for ever.
 */
function untilNothingIsInFlight(operator: Operator, sandbox: SandboxClient): Promise<number> {
  return eventually(
    'as many generations as token requests and issued pairs',
    async (seen) => {
      const { token_requests, issued } = await sandbox.stats();
      const { generation } = await operator.status(CREDENTIAL);
      seen({ token_requests, issued, generation });
      return token_requests === generation && issued === generation ? generation : undefined;
    },
    { withinMs: 30_000 },
  );
}

async function assertAlive(operator: Operator, sandbox: SandboxClient): Promise<void> {
  const { generation } = await operator.status(CREDENTIAL);
  await eventually('a later token that opens the resource', async (seen) => {
    const token = await operator.read(CREDENTIAL);
    seen(token.generation);
    if (token.generation <= generation) return undefined;
    return (await sandbox.openResource(token.access_token)) === 200 ? token : undefined;
  });
}

function sayWhatHappened(t: TestContext, won: readonly (readonly number[])[], generation: number): void {
  const [first, second] = won.map((generations) => generations.length);
  t.diagnostic(
    `${generation} generations: ${first} by one process, ${second} by the other, the rest by ticks`,
  );
}
