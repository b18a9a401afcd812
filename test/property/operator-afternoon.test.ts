import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AdminError } from '../../shared/admin/admin-error.ts';
import { RefreshServiceError } from '../../shared/refresh-service/refresh-service.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import { seededRandom } from '../integration/seeded-random.ts';
import { amount } from '../runner/amount.ts';
import { AdminWorld } from '../unit/admin/admin-world.ts';

const SEEDS = amount({ test: 5, prove: 300, variable: 'RENOVA_AFTERNOONS' });
/** Another first seed, to look at one that has failed. */
const FIRST = Number(process.env.RENOVA_AFTERNOON_SEED ?? 1012);
const IDS = ['alpha', 'beta', 'gamma', 'delta', 'omega'];
const MINUTES = 60;

/** One afternoon: what an operator types while the provider and the stores have a bad day, drawn from a seed. */
class Afternoon {
  readonly admin = new AdminWorld();
  readonly typed: string[] = [];
  readonly #draw: () => number;
  /** Refresh tokens that were refused once for no reason: not twice in a row, which would be an end. */
  readonly #refused = new Set<string>();
  #tokens = 0;
  isStormy = true;

  constructor(seed: number) {
    this.#draw = seededRandom(seed);
    const { world } = this.admin;
    world.endpoint.playAlways((request) => {
      const token = request.refreshToken?.reveal() ?? '';
      if (!this.isStormy) return world.provider.answer(request);
      const chance = this.#draw();
      // The request never arrived, or was refused without being looked at: nothing rotated.
      if (chance < 0.06) return { kind: 'unknown', reason: 'http-503' };
      if (chance < 0.1) return { kind: 'unknown', reason: 'no-token' };
      if (chance < 0.13) return { kind: 'throttled', retryAfterSeconds: 20 };
      if (chance < 0.15) return { kind: 'refused', reason: 'http-403' };
      if (chance < 0.19 && !this.#refused.has(token)) {
        this.#refused.add(token);
        return { kind: 'refused-grant', reason: 'invalid_grant' };
      }
      this.#refused.delete(token);
      return world.provider.answer(request);
    });
    world.fault = (_, operation) => {
      if (!this.isStormy || this.#draw() > 0.02) return undefined;
      return operation === 'save' && this.#draw() < 0.5 ? 'after' : 'before';
    };
  }

  /** A few commands at a time, beside the tick of that minute. */
  async minute(): Promise<void> {
    const { admin } = this;
    const commands = Array.from({ length: Math.floor(this.#draw() * 4) }, () => this.#command());
    const works = commands.map(async (command) => {
      await admin.world.clock.sleep(this.#draw() * 20_000);
      this.typed.push(`${JSON.stringify(command)}`);
      await admin.doNow(command).catch(tolerated);
    });
    const ticking = admin.world.ticks(1).catch(tolerated);
    await admin.world.drive(Promise.all([...works, ticking]));
  }

  #command(): object {
    const { admin } = this;
    const credential = this.#draw() < 0.05 ? 'nobody' : this.#one(IDS);
    const of = (action: string, more: object = {}) => ({ action, credential, ...more });
    return this.#one([
      () => of('status'),
      () => of('pause'),
      () => of('resume'),
      () => of('resume', { force: true }),
      () => of('refresh'),
      () => of('refresh', { force: true }),
      () => of('reseed', { refresh_token: this.#mistyped() }),
      () => of('reseed', { refresh_token: this.#mistyped() }),
      () => of('reseed', { refresh_token: admin.world.provider.login().reveal() }),
      () => of('update', { scope: `fake-scope-${Math.floor(this.#draw() * 3)}` }),
      () => of('update', { publish: this.#one(['access', 'none', 'pair']) }),
      () => of('update', { mode: this.#one(['fresh', 'on-demand']) }),
      () => of('recover'),
      () => of('rescue'),
      () => of('rescue', { adopt: true, refresh_token_at: 'data.token' }),
      () => admin.request(credential),
      () => admin.request(credential, { refresh_token: this.#mistyped() }),
      () => of('remove', this.#draw() < 0.3 ? {} : { sure: true }),
      () => ({ action: 'list' }),
      () => ({ action: 'capacity' }),
      () => of('nonsense'),
    ])();
  }

  #mistyped(): string {
    this.#tokens += 1;
    return `fake-mistyped-${this.#tokens}`;
  }

  #one<Each>(list: readonly Each[]): Each {
    return list[Math.floor(this.#draw() * list.length)] as Each;
  }
}

/** What a command may be refused with, and what a store that is away does to it. Anything else is a defect. */
function tolerated(error: unknown): void {
  const isExpected =
    error instanceof AdminError ||
    error instanceof RefreshServiceError ||
    error instanceof StoreUnavailableError;
  if (!isExpected) throw error;
}

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
  it(`an afternoon of random commands leaves every chain alive that nobody ended (seed ${seed})`, async () => {
    const afternoon = new Afternoon(seed);
    const { admin, typed } = afternoon;
    afternoon.isStormy = false;
    for (const id of IDS) await admin.register(id);
    afternoon.isStormy = true;
    for (let minute = 0; minute < MINUTES; minute += 1) await afternoon.minute();

    afternoon.isStormy = false;
    await admin.world.ticks(5);
    for (const id of IDS) {
      const record = await admin.world.ledger.load(id);
      if (record?.state === 'paused') await admin.do({ action: 'resume', credential: id, force: true });
    }
    await admin.world.ticks(45);

    for (const id of IDS) {
      const record = await admin.world.ledger.load(id);
      if (!record || record.state === 'removed') continue;
      const said = `seed ${seed}, ${id} is ${record.state} (${record.lapse?.reason}):\n${typed.join('\n')}`;
      // A registration with a mistyped token has no chain before it.
      if (record.generation === 0 || wasBornDead(typed, id)) continue;
      assert.ok(await admin.world.chainLives(id), said);
      assert.equal(record.state, 'active', said);
    }
  });
}

/** It was removed and registered anew with a token that no provider ever gave. */
function wasBornDead(typed: readonly string[], id: string): boolean {
  const of = typed.filter((line) => line.includes(`"credential":"${id}"`));
  const last = of.findLastIndex((line) => line.includes('"action":"register"'));
  const removal = of.findIndex((line) => line.includes('"action":"remove"'));
  return (
    removal >= 0 &&
    last > removal &&
    of.some((line, at) => at > removal && line.includes('"register"') && line.includes('mistyped'))
  );
}
