import type { Dice } from '../dice.ts';
import type { Timeline } from '../timeline.ts';
import { callFault, providerFault } from './fault-details.ts';
import { FAULT_KINDS, type FaultKind, type FaultKindName } from './fault-kinds.ts';
import {
  type CallFault,
  type Faults,
  type ProviderFault,
  type ProviderManners,
  STRICT,
  type TickFault,
} from './faults.ts';
import { Outages } from './outages.ts';

const HOUR_MS = 3_600_000;

interface Spell {
  readonly fault: ProviderFault['do'];
  readonly outages: Outages;
}

/** Some kinds of trouble by their names, and nothing else. */
export class NamedKinds implements Faults {
  readonly description: readonly string[];
  readonly manners: ProviderManners;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #kinds: readonly FaultKind[];
  readonly #spells: readonly Spell[];
  #on = false;

  constructor(timeline: Timeline, dice: Dice, names: readonly FaultKindName[]) {
    this.#timeline = timeline;
    this.#dice = dice.named('kinds');
    this.#kinds = names.map((name) => FAULT_KINDS[name]);
    this.description = names.map((name) => `${name}: ${FAULT_KINDS[name].says}`);
    this.manners = Object.assign({}, STRICT, ...this.#kinds.map(({ manners }) => manners));
    this.#spells = this.#kinds.flatMap(({ spell }) =>
      spell ? [{ fault: spell.fault, outages: new Outages(dice.named(spell.fault), spell.plan) }] : [],
    );
  }

  start(): void {
    this.#on = true;
    for (const { outages } of this.#spells) outages.plan(this.#timeline.nowMs);
  }

  stop(): void {
    this.#on = false;
  }

  atCall(): CallFault | undefined {
    if (!this.#on) return undefined;
    const kind = this.#draw(this.#kinds.flatMap(({ atCall = {} }) => entries(atCall)));
    return kind && callFault(kind, this.#dice.chance(0.5) ? 'before' : 'after', this.#dice);
  }

  atTick(): TickFault {
    const lateMs = this.#kinds.map(({ ticks }) => (ticks ? this.#dice.between(ticks.fromMs, ticks.toMs) : 0));
    return { lost: false, lateMs: Math.max(0, ...lateMs) };
  }

  atProvider(): ProviderFault | undefined {
    if (!this.#on) return undefined;
    const spell = this.#spells.find(({ outages }) => outages.isOut(this.#timeline.nowMs));
    if (spell) return providerFault(spell.fault, this.#dice);
    const kind = this.#draw(this.#kinds.flatMap(({ atProvider = {} }) => entries(atProvider)));
    return kind && providerFault(kind, this.#dice);
  }

  providerIsOut(): boolean {
    return this.#on && this.#spells.some(({ outages }) => outages.isOut(this.#timeline.nowMs));
  }

  containerLifeMs(): number {
    return 2 * HOUR_MS;
  }

  #draw<Kind>(rates: readonly (readonly [Kind, number])[]): Kind | undefined {
    if (rates.length === 0) return undefined;
    let left = this.#dice.fraction();
    for (const [kind, rate] of rates) {
      left -= rate;
      if (left < 0) return kind;
    }
    return undefined;
  }
}

function entries<Kind extends string>(rates: Partial<Record<Kind, number>>): [Kind, number][] {
  return Object.entries(rates) as [Kind, number][];
}
