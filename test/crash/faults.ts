import { StoreUnavailableError } from '../../shared/table/table.ts';
import type { Container } from './container.ts';
import { never, type Passage, type PortCall } from './port-calls.ts';
import type { ProtocolWorld } from './protocol-world.ts';

/** What can go wrong with one call. */
export const FAULTS = [
  'crash before',
  'crash after',
  'error before',
  'error after',
  'hang before',
  'hang after',
  'freeze before',
  'freeze after',
] as const;
export type Fault = (typeof FAULTS)[number];

/** A fault that strikes one call: the `call`-th of the container, from 0, counted from {@link Struck.begin}. */
export interface Strike {
  readonly call: number;
  readonly fault: Fault;
}

/** Fails a call whatever the strike: an outage. */
export type Hindrance = (call: PortCall, world: ProtocolWorld) => boolean;

/** Less than a function's time-out, more than a lease. */
const FREEZE_MS = 90_000;

/** A container that is struck, and the calls that it made. */
export interface Struck {
  readonly container: Container;
  readonly calls: readonly string[];
  /** From now on calls are counted and hindered. */
  begin(): void;
}

/** Adds a container to the world, one of whose calls will be struck. */
export function struckContainer(
  world: ProtocolWorld,
  name: string,
  strike?: Strike,
  hindrance: Hindrance = () => false,
): Struck {
  let begun = false;
  const calls: string[] = [];
  const places = new WeakMap<PortCall, number>();
  const meet = async (call: PortCall, side: 'before' | 'after') => {
    if (!strike || places.get(call) !== strike.call || strike.fault.split(' ')[1] !== side) return;
    await suffer(world, container, strike.fault);
  };
  const passage: Passage = {
    async before(call) {
      if (!begun) return;
      places.set(call, calls.length);
      calls.push([call.port, call.operation, call.name].join(' ').trim());
      await meet(call, 'before');
      if (hindrance(call, world)) throw new StoreUnavailableError('an outage');
      if (container.isDead) await never();
    },
    after: (call) => meet(call, 'after'),
  };
  const container = world.container(name, passage);
  return {
    container,
    calls,
    begin: () => {
      begun = true;
    },
  };
}

async function suffer(world: ProtocolWorld, container: Container, fault: Fault): Promise<void> {
  switch (fault) {
    case 'crash before':
    case 'crash after':
      container.isDead = true;
      return never();
    case 'error before':
    case 'error after':
      throw new StoreUnavailableError('on demand');
    case 'hang before':
    case 'hang after':
      return never();
    case 'freeze before':
    case 'freeze after':
      container.frozenUntilMs = world.clock.monotonicMs() + FREEZE_MS;
      return world.clock.sleep(FREEZE_MS);
  }
}
