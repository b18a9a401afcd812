// The hand-over of docs/second-region.md, between two stacks that refresh at one provider, under load, while either
// side dies in the middle of a step: one refresher at a time, and no chain is lost by it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Summary } from '../../shared/admin/summary.ts';
import { amount } from '../runner/amount.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { eventually } from './eventually.ts';
import { administer, doStep, type Region, STEPS, type Step } from './hand-over.ts';
import { operatorOf } from './operator.ts';
import { sandboxClient } from './sandbox-client.ts';

const ENV = 'prd';
const PARTS = ['--env', ENV, '--scale', '30'];
const IDS = ['acme', 'beta', 'gamma'];

type Side = 'first' | 'second';
const DEATHS: readonly (readonly [Step, Side])[] = [
  ['pause', 'first'],
  ['copy-ledger', 'second'],
  ['resume', 'second'],
  ['copy-ledger', 'first'],
  ['settle', 'first'],
  ['copy-secrets', 'first'],
  ['copy-secrets', 'second'],
  ['pause', 'second'],
  ['settle', 'second'],
  ['resume', 'first'],
];
const COUNT = amount({ test: 1, prove: DEATHS.length, variable: 'RENOVA_DEATHS' });

describe('a hand-over to a second region', { timeout: 600_000 + COUNT * 60_000 }, () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  test('loses no chain, whichever side dies in which step, and goes back again', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'renova-regions-'));
    folders.push(folder);
    const provider = await startStackProcess(t, [
      ...PARTS,
      '--provider-only',
      '--data',
      join(folder, 'provider'),
    ]);
    const sandbox = sandboxClient(provider.providerUrl);
    const regions = {
      first: await RegionUnderLoad.start(t, join(folder, 'first')),
      second: await RegionUnderLoad.start(t, join(folder, 'second')),
    };
    const operator = operatorOf(t, ENV, regions.first.awsUrl);
    for (const id of IDS) await operator.register(id, sandbox);
    await eventually('every credential is refreshed in the first region', async () =>
      (await statesOf(regions.first)).every(({ generation }) => generation >= 2) ? true : undefined,
    );

    await handOver(regions.first, regions.second, async (step) => {
      for (const [, side] of DEATHS.slice(0, COUNT).filter(([at]) => at === step))
        await regions[side].dieAndComeBack();
    });
    const moved = await untilRefreshedOnce(regions.second);
    await handOver(regions.second, regions.first);
    const back = await untilRefreshedOnce(regions.first);

    // A pair of which the kill took the answer is lost with any number of regions; the provider's own count shows it.
    const lost = [...moved, ...back].filter(({ state }) => state === 'lapsed');
    for (const { after_unknown, reason } of lost) {
      assert.deepEqual([after_unknown, reason], [true, 'grant-refused']);
    }
    const { reused_refresh_tokens, throttled, busiest_window } = await sandbox.stats();
    const lapsed = back.filter(({ state }) => state === 'lapsed').length;
    assert.equal(
      reused_refresh_tokens,
      2 * lapsed,
      'spent tokens were posted for chains that a kill had ended',
    );
    assert.ok(back.length - lapsed > 0, 'a chain goes on');
    assert.deepEqual([throttled, busiest_window <= 10], [0, true]);
    for (const one of Object.values(regions)) one.stopReading();
    t.diagnostic(
      `${COUNT} deaths in the hand-over, ${lapsed} of ${IDS.length} chains ended by a kill of a refresh`,
    );
  });
});

/** Does every step; where the test lets somebody die in it, from its beginning again. */
async function handOver(
  from: RegionUnderLoad,
  to: RegionUnderLoad,
  die?: (step: Step) => Promise<void>,
): Promise<void> {
  for (const step of STEPS) {
    let isDoomed = die !== undefined;
    const between = async () => {
      if (!isDoomed) return;
      isDoomed = false;
      await die?.(step);
    };
    for (let times = 0; ; times += 1) {
      const failed = await doStep(step, { from, to, ids: IDS }, between).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed === undefined) break;
      if (times === 5) throw failed;
      await delay(200);
    }
    if (step === 'settle') from.generations = await generationsOf(from);
    if (step === 'resume')
      assert.deepEqual(await generationsOf(from), from.generations, 'only one side refreshed');
  }
}

/** Resolves with the state of all when each has had a refresh since, or has ended. */
async function untilRefreshedOnce(region: RegionUnderLoad): Promise<readonly Summary[]> {
  const before = await generationsOf(region);
  return eventually('every credential goes on', async (seen) => {
    const states = await statesOf(region);
    seen(states.map(({ credential, state, generation }) => ({ credential, state, generation })));
    const goesOn = ({ credential, state, generation, published_generation }: Summary) =>
      state === 'lapsed' || (generation > (before[credential] ?? 0) && published_generation === generation);
    return states.every(goesOn) ? states : undefined;
  });
}

async function statesOf(region: Region): Promise<readonly Summary[]> {
  return (await administer<{ credentials: Summary[] }>(region, { action: 'list' })).credentials;
}

async function generationsOf(region: Region): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries(
    (await statesOf(region)).map(({ credential, generation }) => [credential, generation]),
  );
}

/** A stack whose credentials are read all the time; it can die, and come back with what was on its disk. */
class RegionUnderLoad implements Region {
  readonly env = ENV;
  readonly #t: TestContext;
  readonly #folder: string;
  #stack: StackProcess;
  #isRead = true;
  generations: Readonly<Record<string, number>> = {};

  private constructor(t: TestContext, folder: string, stack: StackProcess) {
    this.#t = t;
    this.#folder = folder;
    this.#stack = stack;
    t.after(() => this.stopReading());
    void this.#read();
  }

  static async start(t: TestContext, folder: string): Promise<RegionUnderLoad> {
    return new RegionUnderLoad(t, folder, await startStackProcess(t, argumentsIn(folder)));
  }

  get awsUrl(): string {
    return this.#stack.awsUrl;
  }

  async dieAndComeBack(): Promise<void> {
    await this.#stack.kill();
    this.#stack = await startStackProcess(this.#t, argumentsIn(this.#folder));
  }

  stopReading(): void {
    this.#isRead = false;
  }

  /** A reader that does not hold what it gets, as far as there is anybody to ask. */
  async #read(): Promise<void> {
    while (this.#isRead) {
      for (const id of IDS) {
        await fetch(`${this.#stack.apiUrl}/tokens/${id}`)
          .then((answer) => answer.arrayBuffer())
          .catch(() => undefined);
      }
      await delay(500);
    }
  }
}

function argumentsIn(folder: string): string[] {
  return [...PARTS, '--no-provider', '--data', folder];
}
