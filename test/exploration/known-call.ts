import type { PortCall } from '../crash/port-calls.ts';
import { type Footprint, footprintOf } from './footprint.ts';
import { Numbers } from './numbers.ts';
import { digestOf, digestUpToIds, textOf } from './state-digest.ts';

/** A call with what is asked of it again and again. */
export interface KnownCall {
  readonly call: PortCall;
  readonly port: PortCall['port'];
  readonly operation: string;
  readonly footprint: Footprint;
  readonly isPost: boolean;
  /** The same for calls that hand over the same, to the last id. */
  readonly number: number;
  /** The same for calls that hand over the same, up to ids. */
  readonly key: string;
}

const numbers = new Numbers();
const known = new WeakMap<PortCall, KnownCall>();

export function knownCall(call: PortCall): KnownCall {
  const before = known.get(call);
  if (before) return before;
  const { container, port, operation, name, key, args = [] } = call;
  const label = [container, port, operation, name, key].join(' ');
  const made: KnownCall = {
    ...{ call, port, operation },
    footprint: footprintOf(call),
    isPost: port === 'provider' && operation === 'post',
    number: numbers.of(`${label} ${textOf(args)}`),
    key: digestOf(`${label} ${digestUpToIds({ value: [...args] })}`),
  };
  known.set(call, made);
  return made;
}
