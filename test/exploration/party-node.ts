import { type PartyEvent, PartyRun, type PartyView, type Setting } from './party-run.ts';
import { Place } from './place.ts';
import { digestOfAnswer } from './state-digest.ts';
import type { Party } from './world-model.ts';

/** Runs that are kept alive, to go on from where they stand. */
const MOST_RUNS = 400;

/** A party after the events that have happened to it. */
export interface PartyNode extends PartyView {
  readonly party: Party;
  readonly isStarted: boolean;
  readonly place: Place;
  /** How it came here; absent for the beginning. */
  readonly from?: { readonly node: PartyNode; readonly atMs: number; readonly event: PartyEvent };
  /** Where it goes on to. */
  readonly next: Map<string, PartyNode>;
}

/**
 * What each party does after which events, found by running it, once. A party is a function of its events, so the
 * orders of a world are put together of these without running anything again.
 */
export class Parties {
  readonly beginnings: readonly PartyNode[];
  /** How many places were found by a run, and how many runs had to begin from the start. */
  readonly #setting: Setting;
  readonly #runs = new Map<PartyNode, PartyRun>();
  nodes = 0;
  begun = 0;

  constructor(parties: readonly Party[], setting: Setting) {
    this.#setting = setting;
    this.beginnings = parties.map((party) => ({
      ...new PartyRun(party, setting).view(),
      ...{ party, isStarted: false, place: Place.START, next: new Map() },
    }));
  }

  /** Where a party is after one more event. */
  async after(node: PartyNode, atMs: number, event: PartyEvent): Promise<PartyNode> {
    const key = keyOf(atMs, event);
    const known = node.next.get(key);
    if (known) return known;
    const run = this.#runs.get(node) ?? (await this.#runTo(node));
    this.#runs.delete(node);
    await run.follow(atMs, event);
    const reached: PartyNode = {
      ...run.view(),
      ...{ party: node.party, isStarted: true, from: { node, atMs, event }, next: new Map() },
      place: node.place.after(atMs, event, node.held),
    };
    this.nodes += 1;
    node.next.set(key, reached);
    this.#keep(reached, run);
    return reached;
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

function keyOf(atMs: number, event: PartyEvent): string {
  if (event.kind !== 'answer') return `${event.kind} ${atMs}`;
  return `${event.call} ${atMs} ${event.fault ?? ''} ${digestOfAnswer(event.answer)}`;
}
