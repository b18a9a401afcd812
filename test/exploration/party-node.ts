import { type KnownCall, knownCall } from './known-call.ts';
import { Missing } from './missing.ts';
import { Numbers } from './numbers.ts';
import { type Answer, type PartyEvent, PartyRun, type PartyView, type Setting } from './party-run.ts';
import { Place } from './place.ts';
import { digestUpToIds, textOf } from './state-digest.ts';
import type { Party } from './world-model.ts';

/** Runs that are kept alive, to go on from where they stand. */
const MOST_RUNS = 400;

/** A call that a party waits for. */
export interface HeldCall extends KnownCall {
  /** Party, port, operation and key; the same in every order in which its party comes to it. */
  readonly id: string;
  readonly madeAtMs: number;
}

/** A party after the events that have happened to it. */
export interface PartyNode extends Omit<PartyView, 'held'> {
  readonly party: Party;
  readonly held: readonly HeldCall[];
  readonly isStarted: boolean;
  readonly place: Place;
  /** It is done or dead: it does nothing any more. */
  readonly isSettled: boolean;
  /** The same for places from which everything goes on in the same way, to the last id. */
  readonly number: number;
  /** The same for places from which everything goes on alike, up to ids. */
  readonly key: number;
  /** The same for places in which the same is known, whenever it was told. */
  readonly forgetfulKey: number;
  /** The same for what a witness sees alike. */
  readonly sight: number;
  /** How it came here; absent for the beginning. */
  readonly from?: { readonly node: PartyNode; readonly atMs: number; readonly event: PartyEvent };
  /** Where it goes on to. */
  readonly next: Map<string, PartyNode>;
}

/** An answer, how it comes, and its number. */
export interface NumberedAnswer {
  readonly answer: Answer;
  readonly number: number;
}

/**
 * What each party does after which events, found by running it, once. A party is a function of its events, so the
 * orders of a world are put together of these without running anything again.
 */
export class Parties {
  readonly beginnings: readonly PartyNode[];
  readonly #setting: Setting;
  readonly #runs = new Map<PartyNode, PartyRun>();
  readonly #keys = new Numbers();
  readonly #dead = new WeakMap<PartyNode, PartyNode>();
  readonly #nodes = new Map<number, PartyNode>();
  readonly #held = new Map<string, HeldCall>();
  readonly #compared = new Map<string, PartyNode>();
  /** How many runs had to begin from the start. */
  begun = 0;
  /** How often places that differ only in when a party was told what it knows went on alike, and where they did not. */
  compared = 0;
  readonly unequal: string[] = [];

  constructor(parties: readonly Party[], setting: Setting) {
    this.#setting = setting;
    this.beginnings = parties.map((party) =>
      this.#node(party, new PartyRun(party, setting).view(), { isStarted: false, place: Place.START }),
    );
  }

  /** How many different places there are. */
  get nodes(): number {
    return this.#nodes.size;
  }

  /** Where a party is after one more event; `number` tells the answers to one call apart. Throws {@link Missing}. */
  after(node: PartyNode, atMs: number, event: PartyEvent, number = 0): PartyNode {
    const key =
      event.kind === 'answer'
        ? `${event.call} ${atMs} ${event.fault ?? ''} ${number}`
        : `${event.kind} ${atMs}`;
    const known = node.next.get(key);
    if (known) return known;
    throw new Missing(async () => {
      node.next.set(key, await this.#reached(node, atMs, event, number));
    });
  }

  /** The same party, whose process has ended. */
  dead(node: PartyNode): PartyNode {
    const before = this.#dead.get(node);
    if (before) return before;
    const { party, isStarted, place } = node;
    const view = { ...node, held: [], isDead: true, wakesAtMs: [] };
    const dead = this.#node(party, view, { isStarted, place });
    this.#dead.set(node, dead);
    return dead;
  }

  async #reached(node: PartyNode, atMs: number, event: PartyEvent, number: number): Promise<PartyNode> {
    const run = this.#runs.get(node) ?? (await this.#runTo(node));
    this.#runs.delete(node);
    await run.follow(atMs, event);
    const place = node.place.after(atMs, event, node.held, number);
    const reached = this.#node(node.party, run.view(), {
      ...{ isStarted: true, place },
      from: { node, atMs, event },
    });
    if (this.#setting.forgets === false) this.#compare(node, atMs, event, reached);
    const before = this.#nodes.get(reached.number);
    if (before) return before;
    this.#nodes.set(reached.number, reached);
    this.#keep(reached, run);
    return reached;
  }

  #node(party: Party, view: PartyView, how: Pick<PartyNode, 'isStarted' | 'place' | 'from'>): PartyNode {
    const { isDead, isBusy, result, posts, unstored, wakesAtMs } = view;
    const held = view.held.map((one) => this.#heldCall(one));
    const isSettled = isDead || (result !== undefined && !isBusy);
    const isOver = isSettled && held.length === 0 && wakesAtMs.length === 0;
    const memory = JSON.stringify([isDead ? [] : [...unstored], posts]);
    const waits = `${result !== undefined} ${held.map(({ id, key, madeAtMs }) => `${id} ${key} ${madeAtMs}`).sort()} ${wakesAtMs}`;
    const keyWith = (place: string) => {
      const doing = isDead ? 'dead' : isOver ? 'over' : how.isStarted ? `${place} ${waits}` : 'not begun';
      return this.#keys.of(`${party.name} ${doing} ${memory}`);
    };
    const exactly = `${how.place.exact} ${waits} ${held.map(({ number }) => number).sort()} ${isBusy} ${textOf(result?.value)}`;
    const key = keyWith(how.place.key);
    return {
      ...{ ...view, ...how, party, isSettled, held, next: new Map() },
      number: this.#keys.of(`${party.name} ${isDead} ${exactly} ${memory}`),
      key: this.#setting.forgets === false ? keyWith(how.place.timedKey) : key,
      forgetfulKey: key,
      sight: this.#keys.of(`${party.name} ${isDead} ${!how.isStarted || isSettled} ${memory}`),
    };
  }

  /** Equal ones are one object. */
  #heldCall({ call, id, madeAtMs }: PartyView['held'][number]): HeldCall {
    const known = knownCall(call);
    const key = `${id} ${known.number} ${madeAtMs}`;
    const before = this.#held.get(key) ?? { ...known, id, madeAtMs };
    this.#held.set(key, before);
    return before;
  }

  /** From places that are taken for one the same event leads to places that are taken for one, or that was wrong. */
  #compare(node: PartyNode, atMs: number, event: PartyEvent, reached: PartyNode): void {
    const what =
      event.kind === 'answer'
        ? `${event.call} ${event.fault ?? ''} ${digestUpToIds(event.answer)}`
        : event.kind;
    const from = `${node.forgetfulKey} ${atMs} ${what}`;
    const before = this.#compared.get(from) ?? reached;
    if (before.forgetfulKey !== reached.forgetfulKey)
      this.unequal.push(
        `${what} @${atMs}: ${before.held.map(({ id }) => id)}, ${reached.held.map(({ id }) => id)}`,
      );
    else if (before !== reached) this.compared += 1;
    this.#compared.set(from, before);
  }

  async #runTo(node: PartyNode): Promise<PartyRun> {
    this.begun += 1;
    const run = new PartyRun(node.party, this.#setting);
    const events: NonNullable<PartyNode['from']>[] = [];
    for (let at = node; at.from; at = at.from.node) events.push(at.from);
    for (const { atMs, event } of events.reverse()) await run.follow(atMs, event);
    return run;
  }

  #keep(node: PartyNode, run: PartyRun): void {
    this.#runs.set(node, run);
    if (this.#runs.size <= MOST_RUNS) return;
    const [oldest] = this.#runs.keys();
    if (oldest) this.#runs.delete(oldest);
  }
}
