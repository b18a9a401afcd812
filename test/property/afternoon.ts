import { carryOut } from '../../cli/apply/carry-out.ts';
import type { Declaration } from '../../cli/apply/declaration.ts';
import { type Change, type Existing, planOf } from '../../cli/apply/plan.ts';
import { CommandFailure } from '../../cli/errors.ts';
import { AdminError } from '../../shared/admin/admin-error.ts';
import { RefreshServiceError } from '../../shared/refresh-service/refresh-service.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import { seededRandom } from '../integration/seeded-random.ts';
import { AdminWorld, CLIENT } from '../unit/admin/admin-world.ts';
import { BadDay, UNREADABLE_AT } from './bad-day.ts';

export const IDS = ['alpha', 'beta', 'gamma', 'delta', 'omega'];
const APP = 'erp';
const WRONG_CLIENT = { client_secret: 'fake-wrong-client-secret' };

/** What an operator types at once: requests that go out beside each other, or a whole file. */
type Typed = readonly object[] | Declaration;

/** One afternoon: what an operator types while the provider and the stores have a bad day, drawn from a seed. */
export class Afternoon {
  readonly admin = new AdminWorld();
  /** Each command, as it went out. */
  readonly typed: string[] = [];
  readonly day: BadDay;
  readonly #draw: () => number;
  #tokens = 0;

  constructor(seed: number) {
    this.#draw = seededRandom(seed);
    this.day = new BadDay(this.admin.world, this.#draw);
  }

  /** A few commands at a time, beside the tick of that minute. */
  async minute(): Promise<void> {
    const { world } = this.admin;
    const { clock } = world;
    const endMs = clock.monotonicMs() + 60_000;
    const works = Array.from({ length: Math.floor(this.#draw() * 4) }, () => this.#command()).map(
      async (typed) => {
        await clock.sleep(this.#draw() * 20_000);
        await ('apps' in typed
          ? this.#apply(typed)
          : Promise.all(typed.map((request) => this.#send(request))));
      },
    );
    const ticking = world.ticks(1).catch(tolerated);
    await world.drive(Promise.all([...works, ticking]));
    await clock.advance(Math.max(0, endMs - clock.monotonicMs()));
  }

  /** What a person does once the storm is over: the right clients, what is paused, and answers that nobody could read. */
  async mend(): Promise<void> {
    const { admin } = this;
    this.day.isStormy = false;
    await admin.world.ticks(5);
    await admin.do({ action: 'app-put', app: APP, client: CLIENT });
    for (const id of IDS) {
      const record = await admin.world.ledger.load(id);
      if (!record || record.state === 'removed') continue;
      if (record.app === undefined) await admin.do({ action: 'update', credential: id, client: CLIENT });
      if (record.state === 'paused') await admin.do({ action: 'resume', credential: id, force: true });
    }
    // Tokens that a person mistyped last are asked for until the provider has surely refused them.
    await admin.world.ticks(45);
    for (const id of IDS) {
      const record = await admin.world.ledger.load(id);
      if (record?.state !== 'lapsed' || !record.aside.unreadable) continue;
      await admin.do(adoption(id));
    }
    await admin.world.ticks(5);
  }

  #command(): Typed {
    const { admin, day } = this;
    const credential = this.#draw() < 0.05 ? 'nobody' : this.#one(IDS);
    const of = (action: string, more: object = {}) => ({ action, credential, ...more });
    const one = (action: string, more?: object) => () => [of(action, more)];
    return this.#one<() => Typed>([
      one('status'),
      one('pause'),
      one('resume'),
      one('resume', { force: true }),
      one('refresh'),
      one('refresh', { force: true }),
      () => [of('pause'), of('refresh', { force: true })],
      () => [of('refresh', { force: true }), of('reseed', { refresh_token: this.#mistyped() })],
      () => [of('reseed', { refresh_token: this.#mistyped() })],
      () => [of('reseed', { refresh_token: this.#mistyped() })],
      () => [of('reseed', { refresh_token: admin.world.provider.login().reveal() })],
      // renova login --paste, for a new credential and for a new chain.
      () => [of('reseed', { code: day.code() })],
      () => [of('reseed', { code: day.mistypedCode() })],
      () => [admin.request(credential, { refresh_token: undefined, code: day.code() })],
      () => [admin.request(credential, { refresh_token: undefined, code: day.mistypedCode() })],
      one('update', { scope: `fake-scope-${Math.floor(this.#draw() * 3)}` }),
      one('update', { publish: this.#one(['access', 'none', 'pair']) }),
      one('update', { mode: this.#one(['fresh', 'on-demand']) }),
      one('update', { client: this.#client() }),
      one('update', { app: APP }),
      one('update', { app: null, client: CLIENT }),
      () => [{ action: 'app-put', app: APP, client: this.#client() }],
      () => [{ action: 'app-remove', app: APP }],
      one('recover'),
      () => [{ action: 'recover' }],
      one('rescue'),
      one('rescue', { adopt: true, refresh_token_at: 'data.token' }),
      () => [adoption(credential)],
      () => IDS.map(adoption),
      () => [admin.request(credential)],
      () => [admin.request(credential, { app: APP, client: undefined })],
      () => [admin.request(credential, { refresh_token: this.#mistyped() })],
      one('remove', this.#draw() < 0.3 ? {} : { sure: true }),
      () => this.#file(),
      () => [{ action: 'list' }],
      () => [{ action: 'capacity' }],
      one('nonsense'),
    ])();
  }

  /** What `renova apply -f` reads. */
  #file(): Declaration {
    const settings = () => ({
      scope: `fake-scope-${Math.floor(this.#draw() * 3)}`,
      ...(this.#draw() < 0.3 && { mode: this.#one(['fresh', 'on-demand']) }),
      ...(this.#draw() < 0.2 && { app: APP }),
      user_agent: 'fake-bank-code',
    });
    return {
      apps: this.#draw() < 0.5 ? [{ name: APP, tags: { team: this.#one(['a', 'b']) } }] : [],
      credentials: IDS.filter(() => this.#draw() < 0.6).map((id) => ({ id, settings: settings() })),
    };
  }

  async #apply(file: Declaration): Promise<void> {
    const exported = await this.#ask({ action: 'export' }).catch(tolerated);
    if (!exported) return;
    const { changes } = planOf(file, exported as unknown as Existing);
    const send = (change: Change) => this.#ask(this.#requestOf(change)).catch(asFailure);
    await carryOut(this.admin.world, changes, send, () => undefined);
  }

  #requestOf(change: Change): object {
    switch (change.do) {
      case 'put-app':
        return {
          action: 'app-put',
          app: change.app.name,
          tags: change.app.tags,
          ...(change.isNew && { client: CLIENT }),
        };
      case 'register': {
        const { id, settings } = change.credential;
        return this.admin.request(id, {
          ...settings,
          ...(settings.app !== undefined && { client: undefined }),
        });
      }
      case 'update':
        return { action: 'update', credential: change.id, ...change.settings };
    }
  }

  async #send(request: object): Promise<void> {
    await this.#ask(request).catch(tolerated);
  }

  async #ask(request: object): Promise<Readonly<Record<string, unknown>>> {
    this.typed.push(JSON.stringify(request));
    return (await this.admin.doNow(request)) as Readonly<Record<string, unknown>>;
  }

  #client(): object {
    return this.#draw() < 0.5 ? CLIENT : WRONG_CLIENT;
  }

  #mistyped(): string {
    this.#tokens += 1;
    return `fake-mistyped-${this.#tokens}`;
  }

  #one<Each>(list: readonly Each[]): Each {
    return list[Math.floor(this.#draw() * list.length)] as Each;
  }
}

function adoption(credential: string): object {
  return { action: 'rescue', credential, adopt: true, refresh_token_at: UNREADABLE_AT, force: true };
}

/** What a command may be refused with, and what a store that is away does to it. Anything else is a defect. */
function tolerated(error: unknown): undefined {
  const isExpected =
    error instanceof AdminError ||
    error instanceof RefreshServiceError ||
    error instanceof StoreUnavailableError;
  if (!isExpected) throw error;
}

/** As the answer of a function says it. */
function asFailure(error: unknown): never {
  if (error instanceof AdminError) throw new CommandFailure(error.code, error.message);
  tolerated(error);
  throw new CommandFailure('store-unavailable', 'a part of Renova did not answer');
}
