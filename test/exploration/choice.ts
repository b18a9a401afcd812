import { CONSISTENT_MS } from '../crash/container-ports.ts';
import { CALL_LIMIT_MS } from '../crash/port-calls.ts';
import { FAULTS, type Fault } from './faults.ts';
import { conflict, EVERYTHING, type Footprint, footprintOf } from './footprint.ts';
import { leapsOf } from './leaps.ts';
import type { PartyNode } from './party-node.ts';
import type { HeldCall } from './party-run.ts';
import type { Rules, WorldModel } from './world-model.ts';
import { isSettled, type LateCall, type WorldState } from './world-state.ts';

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
    | { readonly kind: 'arrive'; readonly late: LateCall }
    | { readonly kind: 'time'; readonly untilMs: number };
}

const WAKING = 'time passes until the next timer';

/** The steps that there are in a state of one world. */
export class Choices {
  readonly #model: WorldModel;
  readonly #startMs: number;
  readonly #rules: Rules;
  /** What the parties have said that they can write. */
  readonly #writes: Footprint;

  constructor(model: WorldModel, startMs: number, rules: Rules) {
    this.#model = model;
    this.#startMs = startMs;
    this.#rules = rules;
    this.#writes = { reads: [], writes: model.parties.flatMap(({ writes }) => writes) };
  }

  /** True if somebody has said that it can be written. */
  isDeclared(resource: string): boolean {
    return conflict({ reads: [], writes: [resource] }, this.#writes);
  }

  /** Every step that can be taken now. */
  in(state: WorldState): Choice[] {
    const { parties, late, gone, atMs } = state;
    const choices: Choice[] = [];
    let isWaiting = true;
    let wakesAtMs = Number.POSITIVE_INFINITY;
    for (const [place, node] of parties.entries()) {
      const { name } = node.party;
      if (!node.isStarted) {
        const footprint = { reads: ['time'], writes: [] };
        choices.push({
          id: `${name}: start`,
          party: name,
          footprint,
          isPrivate: false,
          does: { kind: 'start', party: place },
        });
        continue;
      }
      const held = heldBy(node, gone);
      if (held.length > 0) isWaiting = false;
      if (!isSettled(node)) wakesAtMs = Math.min(wakesAtMs, node.nextWakeAtMs ?? Number.POSITIVE_INFINITY);
      for (const one of held) this.#choicesOf(state, place, one, choices);
    }
    for (const one of late) {
      const party = parties[one.party]?.party.name ?? '';
      const footprint = footprintOf(one.call);
      choices.push({
        id: `${one.id} arrives late`,
        party,
        footprint,
        isPrivate: false,
        does: { kind: 'arrive', late: one },
      });
    }
    if (isWaiting && wakesAtMs < Number.POSITIVE_INFINITY) choices.push(timeStep(WAKING, wakesAtMs));
    if (!isWaiting && wakesAtMs < Number.POSITIVE_INFINITY)
      for (const { what, untilMs } of leapsOf(state, this.#nowMs(atMs), wakesAtMs))
        choices.push(timeStep(`time passes until ${what}`, untilMs));
    return choices;
  }

  #nowMs(atMs: number): number {
    return this.#startMs + atMs;
  }

  #choicesOf(state: WorldState, party: number, held: HeldCall, choices: Choice[]): void {
    const { id, call } = held;
    const footprint = footprintOf(call);
    const isPrivate =
      footprint.writes.length === 0 && !conflict(footprint, this.#writes) && !this.#isNearAnEnd(state);
    const name = this.#model.parties[party]?.name;
    const common = { party: name, footprint, isPrivate } as const;
    choices.push({ id, ...common, does: { kind: 'call', party, held } });
    if (state.faultsLeft === 0) return;
    for (const fault of FAULTS) {
      if (applies(fault, state, held, footprint))
        choices.push({
          id: `${id} × ${fault}`,
          ...common,
          fault,
          does: { kind: 'call', party, held, fault },
        });
    }
  }

  /**
   * Where something is about to end, it makes a difference on which side of that moment a call is answered, whoever it
   * concerns. With faults there are too many such orders: there, of the calls that concern nobody else, one waits for
   * that moment only where nobody else does anything meanwhile.
   */
  #isNearAnEnd(state: WorldState): boolean {
    if (this.#rules.faults > 0) return false;
    return leapsOf(state, this.#nowMs(state.atMs), state.atMs + CALL_LIMIT_MS).length > 0;
  }
}

/** True once every party is done or dead and nothing is on its way. */
export function isOver({ parties, late, gone }: WorldState): boolean {
  return late.length === 0 && parties.every((node) => isSettled(node) && heldBy(node, gone).length === 0);
}

function heldBy({ held }: PartyNode, gone: ReadonlySet<string>): readonly HeldCall[] {
  return gone.size === 0 ? held : held.filter(({ id }) => !gone.has(id));
}

function timeStep(id: string, untilMs: number): Choice {
  return { id, footprint: EVERYTHING, isPrivate: false, does: { kind: 'time', untilMs } };
}

function applies(
  fault: Fault,
  { stores, atMs }: WorldState,
  { call }: HeldCall,
  { writes }: Footprint,
): boolean {
  const { port, operation, args = [] } = call;
  switch (fault) {
    case 'crash':
    case 'freeze':
    case 'throttle':
      return true;
    case 'lost answer':
    case 'late write':
      return writes.length > 0;
    case 'late answer':
      return port !== 'bus' && port !== 'timestamps' && operation !== 'connect';
    case 'stale read': {
      if (port !== 'vault' || operation !== 'get') return false;
      const last = stores.replaced.get(args[0] as string);
      return last !== undefined && atMs - last.atMs < CONSISTENT_MS;
    }
  }
}
