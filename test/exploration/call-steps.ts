import { CONSISTENT_MS } from '../crash/container-ports.ts';
import type { Choice } from './choice.ts';
import { FAULTS, type Fault } from './faults.ts';
import type { HeldCall } from './party-node.ts';
import type { Rules } from './world-model.ts';
import type { WorldState } from './world-state.ts';

/** The steps that one held call gives rise to; `privately`: the same, where nobody else's steps matter to it. */
export interface CallSteps {
  readonly held: HeldCall;
  /** Nobody has said that it writes what this call reads, and it writes nothing. */
  readonly isUnwritten: boolean;
  readonly openly: Kinds;
  readonly privately: Kinds;
}

export interface Kinds {
  readonly plain: Choice;
  readonly struck: readonly Choice[];
  readonly stale: Choice | undefined;
}

/** The steps of one call: with each fault that can strike it, and without. */
export function kindsOf(held: HeldCall, place: number, { kinds = FAULTS }: Rules, isPrivate: boolean): Kinds {
  const { id, footprint, call } = held;
  const party = call.container;
  const step = (fault?: Fault): Choice => ({
    id: fault ? `${id} × ${fault}` : id,
    ...{ party, footprint, isPrivate },
    ...(fault && { fault }),
    does: { kind: 'call', party: place, held, ...(fault && { fault }) },
  });
  const struck = kinds.filter((fault) => fault !== 'stale read' && applies(fault, held));
  return {
    plain: step(),
    struck: struck.map(step),
    stale: isVaultRead(held) && kinds.includes('stale read') ? step('stale read') : undefined,
  };
}

function applies(fault: Fault, { port, operation, footprint }: HeldCall): boolean {
  switch (fault) {
    case 'crash':
    case 'freeze':
    case 'throttle':
      return true;
    case 'lost answer':
    case 'late write':
      return footprint.writes.length > 0;
    case 'late answer':
      return port !== 'bus' && port !== 'timestamps' && operation !== 'connect';
    case 'stale read':
      return isVaultRead({ port, operation });
  }
}

function isVaultRead({ port, operation }: Pick<HeldCall, 'port' | 'operation'>): boolean {
  return port === 'vault' && operation === 'get';
}

export function isLaneRead({ port, operation, call }: HeldCall): boolean {
  return port === 'vault' && operation === 'get' && call.name.includes('/token/');
}

/** A read may not see the last write yet. */
export function isBehind({ stores, atMs }: WorldState, { call }: HeldCall): boolean {
  const last = stores.vault.replaced.get(call.args?.[0] as string);
  return last !== undefined && atMs - last.atMs < CONSISTENT_MS;
}
