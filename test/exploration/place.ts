import type { HeldCall } from './party-node.ts';
import { delayMs, type PartyEvent } from './party-run.ts';
import { digestOfItems, digestUpToIds, SetDigest } from './state-digest.ts';

/** One thing that a party knows: up to ids, when and how late it was told, and exactly. */
interface Known {
  readonly label: string;
  readonly key: string;
  readonly when: string;
  readonly exact: string;
}

/**
 * How far a party has come: what it knows of each resource, in whatever order it came to know it. A read is known
 * until the party has replaced what it read; of that write it knows that it was taken (and of a record, how it is
 * then).
 */
export class Place {
  static readonly START = new Place(new Map(), new Map());
  /** Up to ids, and to when it was told what it knows: from equal ones everything goes on alike. */
  readonly key: string;
  /** The same, with when and how late it was told. */
  readonly timedKey: string;
  /** To the last id, with how often each call was answered: where these are equal, equal ids are drawn from here on. */
  readonly exact: string;
  readonly #known: ReadonlyMap<string, readonly Known[]>;
  readonly #answered: ReadonlyMap<string, number>;

  private constructor(known: ReadonlyMap<string, readonly Known[]>, answered: ReadonlyMap<string, number>) {
    this.#known = known;
    this.#answered = answered;
    const [keys, timed, exact] = [new SetDigest(), new SetDigest(), new SetDigest()];
    for (const all of known.values())
      for (const one of all) {
        keys.add(one.key);
        timed.add(`${one.key} ${one.when}`);
        exact.add(`${one.exact} ${one.when}`);
      }
    for (const [call, times] of answered) exact.add(`${call} ${times}`);
    this.key = keys.value;
    this.timedKey = timed.value;
    this.exact = exact.value;
  }

  /** After one more event; `number` tells answers apart. */
  after(atMs: number, event: PartyEvent, held: readonly HeldCall[], number: number): Place {
    if (event.kind === 'wake') return this.#with('wake', [exactly('wake', `wake @${atMs}`)], 'wake');
    if (event.kind === 'start') return this.#with('', [exactly('start', `start @${atMs}`)], 'start');
    const call = held.find(({ id }) => id === event.call);
    if (!call) return this;
    const { port, operation, footprint, id } = call;
    const label = [port, operation, call.call.key].join(' ');
    const { reads, writes } = footprint;
    const [resource = ''] = [...writes, ...reads];
    const isTaken = writes.length > 0 && !('error' in event.answer) && port !== 'provider';
    const when = `@${atMs} ${event.fault ?? ''}`;
    // Whoever is told how a record is looks at the clock then, and keeps what it shows.
    const kept = port === 'ledger' ? `@${atMs + delayMs(port, event.fault)}` : '';
    if (isTaken) {
      const key = `${label} ${kept} ${written(call)}`;
      return this.#with(resource, [{ label, key, when, exact: `${label} ${call.number}` }], id);
    }
    const known = this.#known.get(resource) ?? [];
    const times = known.filter((one) => one.label === label).length;
    const told = port === 'bus' ? call.key : '';
    const key = `${label} #${times} ${kept} ${told} ${digestUpToIds(event.answer)}`;
    const exact = `${label} #${times} ${number}`;
    return this.#with(resource, [...known, { label, key, when, exact }], id);
  }

  #with(resource: string, known: readonly Known[], answered: string): Place {
    const times = new Map(this.#answered).set(answered, (this.#answered.get(answered) ?? 0) + 1);
    return new Place(new Map(this.#known).set(resource, known), times);
  }
}

function exactly(label: string, text: string): Known {
  return { label, key: text, when: '', exact: text };
}

function written({ port, call: { args = [] } }: HeldCall): string {
  return port === 'ledger' ? digestOfItems([args[0] as object]) : 'taken';
}
