import { CALL_LIMIT_MS } from '../crash/port-calls.ts';
import { type CallSteps, isBehind, isLaneRead, kindsOf } from './call-steps.ts';
import type { Fault } from './faults.ts';
import { conflict, EVERYTHING, type Footprint } from './footprint.ts';
import { type Leap, leapsOf } from './leaps.ts';
import type { HeldCall, PartyNode } from './party-node.ts';
import type { Rules, WorldModel } from './world-model.ts';
import type { LateCall, WorldState } from './world-state.ts';

/** A step that can be taken next. */
export interface Choice {
  /** The same wherever this step can be taken: what a replay names. */
  readonly id: string;
  /** The name of the party that takes it; absent: time passes. */
  readonly party?: string;
  readonly footprint: Footprint;
  readonly fault?: Fault;
  /** Nobody's future can write what it reads: trying it first loses nothing. */
  readonly isPrivate: boolean;
  readonly does:
    | { readonly kind: 'start'; readonly party: number }
    | { readonly kind: 'call'; readonly party: number; readonly held: HeldCall; readonly fault?: Fault }
    /** Reads that were begun together, answered at one moment. */
    | { readonly kind: 'page'; readonly party: number; readonly helds: readonly HeldCall[] }
    | { readonly kind: 'arrive'; readonly late: LateCall }
    /** `isMoment`: while calls are under way. */
    | { readonly kind: 'time'; readonly untilMs: number; readonly isMoment: boolean };
}

const WAKING = 'time passes until the next timer';

/** The steps that there are in a state of one world. */
export class Choices {
  readonly #model: WorldModel;
  readonly #startMs: number;
  readonly #rules: Rules;
  /** What the parties have said that they can write. */
  readonly #writes: Footprint;
  readonly #starts: readonly Choice[];
  readonly #steps = new WeakMap<PartyNode, readonly CallSteps[]>();
  readonly #stepsOfCall = new WeakMap<HeldCall, CallSteps>();
  readonly #pages = new WeakMap<PartyNode, Choice>();
  readonly #arrivals = new WeakMap<LateCall, Choice>();
  readonly #leaps = new Map<string, readonly Leap[]>();
  readonly #declared = new Map<string, boolean>();

  constructor(model: WorldModel, startMs: number, rules: Rules) {
    this.#model = model;
    this.#startMs = startMs;
    this.#rules = rules;
    this.#writes = { reads: [], writes: model.parties.flatMap(({ writes }) => writes) };
    this.#starts = model.parties.map(({ name }, party) => ({
      id: `${name}: start`,
      party: name,
      footprint: { reads: ['time'], writes: [] },
      isPrivate: false,
      does: { kind: 'start', party },
    }));
  }

  /** True if somebody has said that it can be written. */
  isDeclared(resource: string): boolean {
    const known = this.#declared.get(resource) ?? conflict({ reads: [], writes: [resource] }, this.#writes);
    this.#declared.set(resource, known);
    return known;
  }

  /** Every step that can be taken now. */
  in(state: WorldState): Choice[] {
    const { parties, late, gone } = state;
    const choices: Choice[] = [];
    let isWaiting = true;
    let wakesAtMs = Number.POSITIVE_INFINITY;
    const isLeft = this.#onlyOneLeft(state);
    for (const [place, node] of parties.entries()) {
      if (!node.isStarted) {
        choices.push(this.#starts[place] as Choice);
        continue;
      }
      const [nextMs] = node.wakesAtMs;
      if (!node.isSettled && nextMs !== undefined) wakesAtMs = Math.min(wakesAtMs, nextMs);
      for (const steps of this.#stepsOf(node, place)) {
        if (gone.size > 0 && gone.has(steps.held.id)) continue;
        isWaiting = false;
        this.#offer(state, place, steps, isLeft, choices);
      }
    }
    for (const one of late) choices.push(this.#arrivalOf(state, one));
    if (wakesAtMs === Number.POSITIVE_INFINITY) return choices;
    if (isWaiting) choices.push(timeStep(WAKING, wakesAtMs, false));
    else if (state.momentsLeft > 0)
      for (const { what, untilMs } of this.#leapsOf(state, wakesAtMs))
        choices.push(timeStep(`time passes until ${what}`, untilMs, true));
    return choices;
  }

  /** The others are done or dead, nothing is late, and one call is held: no step of anybody else is left. */
  #onlyOneLeft({ parties, late, gone }: WorldState): boolean {
    if (late.length > 0) return false;
    let held = 0;
    for (const node of parties) {
      if (!node.isStarted) return false;
      const calls = heldBy(node, gone).length;
      if (calls === 0 && !node.isSettled) return false;
      held += calls;
    }
    return held === 1;
  }

  #offer(
    state: WorldState,
    place: number,
    { held, isUnwritten, openly, privately }: CallSteps,
    isLeft: boolean,
    choices: Choice[],
  ): void {
    const page = this.#pageOf(state, place, held);
    const isPrivate = isLeft || (!page && isUnwritten && !this.#isNearAnEnd(state));
    const { plain, struck, stale } = isPrivate ? privately : openly;
    if (page?.isFirst !== false) choices.push(page?.choice ?? plain);
    if (state.faultsLeft === 0 || !this.#mayBeStruck(state, place)) return;
    choices.push(...struck);
    if (stale && isBehind(state, held)) choices.push(stale);
  }

  /**
   * The step that answers a read of a lane together with the other lanes that are read at once: as a page of them.
   * Undefined: it is alone.
   */
  #pageOf(
    { parties, gone }: WorldState,
    place: number,
    held: HeldCall,
  ): { readonly choice: Choice; readonly isFirst: boolean } | undefined {
    const node = parties[place];
    if (!node || !isLaneRead(held) || this.#rules.reduces === false) return undefined;
    const helds = heldBy(node, gone).filter(isLaneRead);
    if (helds.length < 2) return undefined;
    const choice: Choice = (gone.size === 0 ? this.#pages.get(node) : undefined) ?? {
      id: `${node.party.name}: vault get ${helds.length} lanes`,
      party: node.party.name,
      footprint: { reads: helds.flatMap(({ footprint }) => footprint.reads), writes: [] },
      isPrivate: false,
      does: { kind: 'page', party: place, helds },
    };
    if (gone.size === 0) this.#pages.set(node, choice);
    return { choice, isFirst: helds[0] === held };
  }

  /** Of parties that are alike, it is the first that is struck first: the other orders are their mirror images. */
  #mayBeStruck({ struck }: WorldState, place: number): boolean {
    return struck.length > 0 || !this.#model.areAlike || this.#rules.mirrors === false || place === 0;
  }

  #stepsOf(node: PartyNode, place: number): readonly CallSteps[] {
    const known = this.#steps.get(node);
    if (known) return known;
    const steps = node.held.map((held) => this.#stepsOfHeld(held, place));
    this.#steps.set(node, steps);
    return steps;
  }

  #stepsOfHeld(held: HeldCall, place: number): CallSteps {
    const known = this.#stepsOfCall.get(held);
    if (known) return known;
    const { footprint } = held;
    const isUnwritten = footprint.writes.length === 0 && !conflict(footprint, this.#writes);
    const openly = kindsOf(held, place, this.#rules, false);
    const steps = { held, isUnwritten, openly, privately: kindsOf(held, place, this.#rules, true) };
    this.#stepsOfCall.set(held, steps);
    return steps;
  }

  #arrivalOf({ parties }: WorldState, late: LateCall): Choice {
    const known = this.#arrivals.get(late) ?? {
      id: `${late.id} arrives late`,
      party: parties[late.party]?.party.name ?? '',
      footprint: late.call.footprint,
      isPrivate: false,
      does: { kind: 'arrive', late },
    };
    this.#arrivals.set(late, known);
    return known;
  }

  /**
   * Where something is about to end, it makes a difference on which side of that moment a call is answered, whoever it
   * concerns. With faults there are too many such orders: there, of the calls that concern nobody else, one waits for
   * that moment only where nobody else does anything meanwhile.
   */
  #isNearAnEnd(state: WorldState): boolean {
    return (
      this.#rules.faults === 0 &&
      state.momentsLeft > 0 &&
      this.#leapsOf(state, state.atMs + CALL_LIMIT_MS).length > 0
    );
  }

  #leapsOf(state: WorldState, beforeMs: number): readonly Leap[] {
    const { stores, parties, atMs } = state;
    let key = `${stores.ledger.number} ${stores.quota.number} ${atMs} ${beforeMs}`;
    for (const { sight } of parties) key += ` ${sight}`;
    const known = this.#leaps.get(key) ?? leapsOf(state, this.#startMs + atMs, beforeMs);
    this.#leaps.set(key, known);
    return known;
  }
}

/** True once every party is done or dead and nothing is on its way. */
export function isOver({ parties, late, gone }: WorldState): boolean {
  return late.length === 0 && parties.every((node) => node.isSettled && heldBy(node, gone).length === 0);
}

function heldBy({ held }: PartyNode, gone: ReadonlySet<string>): readonly HeldCall[] {
  return gone.size === 0 ? held : held.filter(({ id }) => !gone.has(id));
}

function timeStep(id: string, untilMs: number, isMoment: boolean): Choice {
  return { id, footprint: EVERYTHING, isPrivate: false, does: { kind: 'time', untilMs, isMoment } };
}
