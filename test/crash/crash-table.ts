import assert from 'node:assert/strict';
import { FAULTS, type Fault, type Strike, struckContainer } from './faults.ts';
import { ProtocolWorld } from './protocol-world.ts';
import type { Scenario } from './scenarios.ts';

/** How a chain came out of it. */
export type Outcome = 'lives' | 'unsavable';

export interface Row {
  readonly scenario: string;
  /** The call that was struck, and how often the same one came before it. */
  readonly step: string;
  readonly fault: Fault;
  readonly outcome: Outcome;
}

/** A loop that tries again and again is struck in its first rounds. */
const MOST_REPETITIONS = 2;

/** Simulated time that everything has to be in order again. */
const MINUTES = 10;

/**
 * Strikes each call of the scenario with `each` of the faults: from call to call the next ones, so that a few of them
 * are all of them in the end. Rejects with the cell that came out otherwise than it may.
 */
export async function crashTable(scenario: Scenario, each: number = FAULTS.length): Promise<Row[]> {
  const steps = numbered(await run(scenario));
  const rows: Row[] = [];
  for (const [call, step] of steps.entries()) {
    for (const fault of faultsOf(call, each)) {
      if (step === 'provider connect' && fault.endsWith('after')) continue;
      if (repetition(step) > MOST_REPETITIONS) continue;
      const row = { scenario: scenario.name, step, fault };
      try {
        rows.push({ ...row, outcome: await struck(scenario, { call, fault }) });
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        throw new Error(`${scenario.name}, ${step}, ${fault}: ${said}`, { cause: error });
      }
    }
  }
  return rows;
}

function faultsOf(call: number, each: number): readonly Fault[] {
  const from = (call * each) % FAULTS.length;
  return [...FAULTS, ...FAULTS].slice(from, from + each);
}

/** The scenario undisturbed; the calls that it makes. */
async function run(scenario: Scenario): Promise<readonly string[]> {
  const { world, victim, medic } = await start(scenario);
  await world.ticks(MINUTES, [medic, victim.container]);
  const calls = victim.calls.slice(0, victim.actCalls());
  assert.equal(await outcomeOf(world, scenario, medic), 'lives');
  return calls;
}

async function struck(scenario: Scenario, strike: Strike): Promise<Outcome> {
  const { world, victim, medic } = await start(scenario, strike);
  await world.ticks(MINUTES, [medic, victim.container]);
  return outcomeOf(world, scenario, medic);
}

async function start(scenario: Scenario, strike?: Strike) {
  const world = new ProtocolWorld();
  const { outage } = scenario;
  const struck = struckContainer(world, 'victim', strike, outage);
  const medic = struckContainer(world, 'medic', undefined, outage);
  await scenario.prepare(world, struck.container);
  struck.begin();
  medic.begin();
  let actCalls: number | undefined;
  const ended = () => {
    actCalls = struck.calls.length;
  };
  void scenario.act(struck.container, world).then(ended, ended);
  await world.clock.advance(1000);
  const victim = { ...struck, actCalls: () => actCalls ?? struck.calls.length };
  return { world, victim, medic: medic.container };
}

async function outcomeOf(
  world: ProtocolWorld,
  scenario: Scenario,
  medic: Parameters<NonNullable<Scenario['check']>>[1],
): Promise<Outcome> {
  assertQuietTimes(world);
  const { record, provider } = world;
  if (record.state === 'lapsed') {
    assert.equal(record.lapse?.afterUnknown, true, 'the lapse admits that the outcome was unknown');
    // Twice (I8), or once if it is a token that somebody has just typed.
    assert.ok(
      [1, 2].includes(provider.reused.length),
      `a spent token was posted ${provider.reused.length} times`,
    );
    const orphan = [...provider.issued.values()].find(({ parent }) => parent === provider.reused[0]);
    assert.equal(orphan?.spent, false, 'what it was spent for is the pair that nobody has');
    return 'unsavable';
  }
  const { access, refresh } = await world.currentTokens();
  const [latest] = await world.published();
  assert.equal(record.state, 'active');
  const grantOf = (token = '') => provider.issued.get(token)?.grant;
  const reused = provider.reused.filter((token) => grantOf(token) === grantOf(refresh?.reveal()));
  assert.deepEqual(reused, [], 'no spent refresh token of this chain was posted');
  assert.ok(provider.takes(refresh), 'the provider takes the refresh token of the ledger');
  assert.ok(provider.accepts(access), 'the access token of the ledger is alive');
  assert.equal(latest?.access_token, access?.reveal(), 'the current generation is published');
  assert.equal(record.publication.generation, record.generation);
  assert.equal(record.attempt, undefined, 'no attempt is left');
  assert.equal(record.announced.generation, record.generation, 'the last refresh was told');
  await scenario.check?.(world, medic);
  return 'lives';
}

/** Nobody posts a token again while the provider may be busy with it. */
function assertQuietTimes({ posts, timing }: ProtocolWorld): void {
  for (const [place, post] of posts.entries()) {
    const again = posts.slice(place + 1).find(({ token }) => token === post.token);
    if (!again) continue;
    const freeAtMs =
      Math.min(post.endedAtMs ?? Number.POSITIVE_INFINITY, post.answerByMs) + timing.providerQuietMs;
    assert.ok(again.sentAtMs >= freeAtMs, `posted again ${freeAtMs - again.sentAtMs} ms too early`);
  }
}

function repetition(step: string): number {
  return Number(/\((\d+)\)$/.exec(step)?.[1] ?? 1);
}

function numbered(calls: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return calls.map((call) => {
    const count = (seen.get(call) ?? 0) + 1;
    seen.set(call, count);
    return count === 1 ? call : `${call} (${count})`;
  });
}
