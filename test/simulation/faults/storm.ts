import type { Dice } from '../dice.ts';
import type { Timeline } from '../timeline.ts';
import { callFault, fault, providerFault } from './fault-details.ts';
import type { CallFault, CallSite, Faults, ProviderFault, ProviderManners } from './faults.ts';
import { type OutagePlan, Outages } from './outages.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Chance at each await of a container (`sleep` included). */
const AT_CALL = { crash: 0.0004, freeze: 0.0004, error: 0.008, slow: 0.01, twice: 0.003, late: 0.001 };
const AT_TICK = { lost: 0.02, late: 0.2, again: 0.03 };
const AT_PROVIDER: Readonly<Record<ProviderFault['do'], number>> = {
  'refuse-connection': 0.005,
  hang: 0.001,
  'reset-before': 0.003,
  'reset-after': 0.0007,
  'error-before': 0.004,
  'error-after': 0.0004,
  throttle: 0.002,
  block: 0.00005,
  'no-token': 0.001,
  'refuse-one': 0.001,
  'refuse-all': 0,
  'bare-4xx': 0.001,
  'slow-before': 0.01,
  'slow-after': 0.01,
  'cut-off': 0.001,
  imperfect: 0.05,
};
const RATES_AT_PROVIDER = Object.entries(AT_PROVIDER) as [ProviderFault['do'], number][];
const STORES = ['ledger', 'quota', 'vault', 'events'] as const;
const STORE_OUTAGE = { everyMs: 8 * HOUR_MS, fromMs: 3 * SECOND_MS, toMs: 4 * MINUTE_MS };
const PROVIDER_OUTAGE = { everyMs: 12 * HOUR_MS, fromMs: MINUTE_MS, toMs: 40 * MINUTE_MS };
/** Part of the provider's outages that last about a day. */
const LONG = { chance: 0.03, fromMs: 18 * HOUR_MS, toMs: 30 * HOUR_MS };
/** For so long each request at the provider meets the same. */
const SPELLS = {
  'no-token': { everyMs: 12 * HOUR_MS, fromMs: MINUTE_MS, toMs: 15 * MINUTE_MS },
  'refuse-all': { everyMs: 24 * HOUR_MS, fromMs: MINUTE_MS, toMs: 15 * MINUTE_MS, restMs: HOUR_MS },
  'bare-4xx': { everyMs: 12 * HOUR_MS, fromMs: MINUTE_MS, toMs: 15 * MINUTE_MS },
} as const;
type SpellKind = keyof typeof SPELLS;
/** Who is refused alone, and with all others soon after, has been refused twice. */
const REFUSED_ALONE_BEFORE_MS = 30 * MINUTE_MS;
/** In some of the seeds: what the provider of the run is like. */
const MANNERS = { detectsReuse: 0.5, keepsOld: 0.25, changesLives: 0.2, agedSeeds: 0.25 };
/** Outages last up to 30 hours: who has less than that left when one begins is lost to it. */
const LIVES = {
  access: { fromMs: 5 * MINUTE_MS, toMs: 20 * MINUTE_MS },
  refresh: { fromMs: 36 * HOUR_MS, toMs: 48 * HOUR_MS },
};
const SEED_AGE = { fromMs: 0, toMs: 12 * HOUR_MS };
const CONTAINER_LIFE_MS = 90 * MINUTE_MS;

/** Everything at once, each by its own rate, independently of the others. */
export class Storm implements Faults {
  readonly description = describe();
  readonly manners: ProviderManners;
  readonly #timeline: Timeline;
  readonly #calls: Dice;
  readonly #ticks: Dice;
  readonly #provider: Dice;
  readonly #storeOutages: ReadonlyMap<string, Outages>;
  readonly #providerOutages: Outages;
  readonly #spells: ReadonlyMap<SpellKind, Outages>;
  #on = false;

  constructor(timeline: Timeline, dice: Dice) {
    this.#timeline = timeline;
    this.#calls = dice.named('calls');
    this.#ticks = dice.named('ticks');
    this.#provider = dice.named('provider');
    this.manners = mannersOf(dice.named('manners'));
    this.#storeOutages = new Map(
      STORES.map((store) => [store, new Outages(dice.named(store), STORE_OUTAGE)]),
    );
    this.#providerOutages = new Outages(dice.named('outages'), PROVIDER_OUTAGE, LONG);
    this.#spells = new Map(
      (Object.keys(SPELLS) as SpellKind[]).map((kind) => [kind, new Outages(dice.named(kind), SPELLS[kind])]),
    );
  }

  start(): void {
    this.#on = true;
    const all = [...this.#storeOutages.values(), this.#providerOutages, ...this.#spells.values()];
    for (const outages of all) outages.plan(this.#timeline.nowMs);
  }

  stop(): void {
    this.#on = false;
  }

  atCall({ port }: CallSite): CallFault | undefined {
    if (!this.#on) return undefined;
    const point = this.#calls.chance(0.5) ? 'before' : 'after';
    if (this.#storeOutages.get(port)?.isOut(this.#timeline.nowMs)) {
      return fault('error', this.#calls.chance(0.9) ? 'before' : 'after');
    }
    const dice = this.#calls;
    let left = dice.fraction();
    for (const kind of ['crash', 'freeze', 'error', 'slow', 'twice', 'late'] as const) {
      left -= AT_CALL[kind];
      if (left < 0) return callFault(kind, point, dice);
    }
    return undefined;
  }

  atTick() {
    const dice = this.#ticks;
    const fate = { lost: dice.chance(AT_TICK.lost), late: dice.chance(AT_TICK.late) };
    const again = dice.chance(AT_TICK.again);
    const [lateMs, againMs] = [dice.between(0, 15 * SECOND_MS), dice.between(0, 50 * SECOND_MS)];
    if (!this.#on) return { lost: false, lateMs: 0 };
    return {
      lost: fate.lost,
      lateMs: fate.late ? lateMs : dice.between(0, SECOND_MS),
      againAfterMs: again ? againMs : undefined,
    };
  }

  atProvider(): ProviderFault | undefined {
    if (!this.#on) return undefined;
    const dice = this.#provider;
    const { nowMs } = this.#timeline;
    if (this.#providerOutages.isOut(nowMs)) {
      const kind = dice.pick(['refuse-connection', 'refuse-connection', 'error-before', 'hang'] as const);
      return { do: kind, ms: dice.between(20, 3000) };
    }
    for (const [kind, outages] of this.#spells) if (outages.isOut(nowMs)) return providerFault(kind, dice);
    let left = dice.fraction();
    for (const [kind, rate] of RATES_AT_PROVIDER) {
      left -= rate;
      if (left >= 0) continue;
      const isTooEarly =
        kind === 'refuse-one' && this.#spells.get('refuse-all')?.isOutWithin(nowMs, REFUSED_ALONE_BEFORE_MS);
      return isTooEarly ? undefined : providerFault(kind, dice);
    }
    return undefined;
  }

  providerIsOut(): boolean {
    const { nowMs } = this.#timeline;
    if (!this.#on) return false;
    return this.#providerOutages.isOut(nowMs) || [...this.#spells.values()].some((each) => each.isOut(nowMs));
  }

  containerLifeMs(): number {
    return this.#calls.waiting(CONTAINER_LIFE_MS);
  }
}

function mannersOf(dice: Dice): ProviderManners {
  const detectsReuse = dice.chance(MANNERS.detectsReuse);
  const keepsOld = dice.chance(MANNERS.keepsOld)
    ? dice.pick(['half-an-hour', 'until-used'] as const)
    : 'never';
  return {
    detectsReuse,
    keepsOld,
    ...(dice.chance(MANNERS.changesLives) && { lives: LIVES }),
    ...(dice.chance(MANNERS.agedSeeds) && { seedAge: SEED_AGE }),
  };
}

function describe(): string[] {
  const percent = (rates: Readonly<Record<string, number>>) =>
    Object.entries(rates)
      .map(([kind, rate]) => `${kind} ${+(rate * 100).toFixed(3)} %`)
      .join(', ');
  const span = ({ everyMs, fromMs, toMs }: OutagePlan) =>
    `one in ${everyMs / HOUR_MS} h, ${fromMs / SECOND_MS} s to ${toMs / MINUTE_MS} min`;
  return [
    `each await of a process: ${percent(AT_CALL)}`,
    `each tick: ${percent(AT_TICK)} (lost, up to 15 s late, delivered twice)`,
    `each request at the provider: ${percent(AT_PROVIDER)}`,
    `each of ledger, quota table, vault and event bus away: ${span(STORE_OUTAGE)}`,
    `provider away: ${span(PROVIDER_OUTAGE)}; ${LONG.chance * 100} % of these ${LONG.fromMs / HOUR_MS} to ${LONG.toMs / HOUR_MS} h`,
    ...(Object.keys(SPELLS) as SpellKind[]).map((kind) => `each request ${kind}: ${span(SPELLS[kind])}`),
    `in part of the seeds the provider revokes a grant on reuse ${MANNERS.detectsReuse * 100} %, keeps a replaced refresh token for half an hour or until the new one is used ${MANNERS.keepsOld * 100} %, changes lives at each answer ${MANNERS.changesLives * 100} %, and logins hand over refresh tokens of up to 12 h ${MANNERS.agedSeeds * 100} %`,
    'a container is kept for 90 min on average',
  ];
}
