import type { PortCall } from '../crash/port-calls.ts';
import { footprintOf } from './footprint.ts';
import type { HeldCall, PartyEvent } from './party-run.ts';
import { digestOfItems, digestUpToIds, SetDigest } from './state-digest.ts';

/**
 * How far a party has come: what it knows of each resource, in whatever order it came to know it. A read is known
 * until the party has replaced what it read; of that write it knows that it was taken (and of a record, how it is
 * then).
 */
export class Place {
  static readonly START = new Place(new Map());
  readonly value: string;
  readonly #known: ReadonlyMap<string, readonly string[]>;

  private constructor(known: ReadonlyMap<string, readonly string[]>) {
    this.#known = known;
    const all = new SetDigest();
    for (const texts of known.values()) for (const text of texts) all.add(text);
    this.value = all.value;
  }

  /** After one more event. */
  after(atMs: number, event: PartyEvent, held: readonly HeldCall[]): Place {
    if (event.kind === 'wake') return this;
    if (event.kind === 'start') return this.#with('', [`start @${atMs}`]);
    const call = held.find(({ id }) => id === event.call)?.call;
    if (!call) return this;
    const label = [call.port, call.operation, call.key].join(' ');
    const { reads, writes } = footprintOf(call);
    const [resource = ''] = [...writes, ...reads];
    const isTaken = writes.length > 0 && !('error' in event.answer) && call.port !== 'provider';
    if (isTaken && event.fault === undefined)
      return this.#with(resource, [`${label} @${atMs} ${written(call)}`]);
    const known = this.#known.get(resource) ?? [];
    const number = known.filter((text) => text.startsWith(label)).length;
    const text = `${label} #${number} @${atMs} ${event.fault ?? ''} ${digestUpToIds(event.answer)}`;
    return this.#with(resource, [...known, text]);
  }

  #with(resource: string, known: readonly string[]): Place {
    return new Place(new Map([...this.#known, [resource, known]]));
  }
}

function written({ port, args = [] }: PortCall): string {
  return port === 'ledger' ? digestOfItems([args[0] as object]) : 'taken';
}
