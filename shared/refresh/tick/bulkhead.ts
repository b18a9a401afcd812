import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import type { Priority } from '../../quota/quota.ts';
import { byUrgency, isRenewal, priorityOf } from './order.ts';
import { sparing, startTimesMs } from './pace.ts';
import { leavesByMs } from './tick-rhythm.ts';

/** An order is good for so long: what it depends on (is it lapsing, is it waiting) changes slowly. */
export const ORDER_TICKS = 1 / 60;
/** As long as it takes from the start of an attempt to its permit, as a rule. */
const FILE_TICKS = 1 / 240;
/** Where a quota has more requests than that, they follow each other as it has them, up to some fifty a second. */
const LEAST_FILE_TICKS = FILE_TICKS / 12;

/**
 * When a turn was late, because no permit was free or a tick had just begun, the next one comes earlier by up to this
 * part of the pace: the time is not lost. More of it would bring requests together that are to be spread.
 */
const CAUGHT_UP = 0.2;

/** Turns are so much further apart than the pace, so that permits whose answers took a moment are free when theirs come. */
const EASE = 1.01;

/** How long attempts of a quota are believed to take, before anything is known of them and at most: 4 s. */
const LONG_TICKS = 1 / 15;
/** What is known of long ones fades by this part with each other attempt. */
const FADES = 0.02;

/** A due credential, and from when on it may start. */
export interface Item {
  readonly entry: DueEntry;
  readonly readyAtMs: number;
}

/** What a bulkhead would start next, and when. */
export interface Candidate {
  readonly bulkhead: Bulkhead;
  readonly item: Item;
  readonly startMs: number;
}

/** The items of a bulkhead, the most urgent first, as `compare` sees them until `untilMs`. */
interface Order {
  readonly items: Item[];
  readonly compare: (a: DueEntry, b: DueEntry) => number;
  readonly untilMs: number;
}

/** What a container knows of the requests of a quota from one tick to the next. */
interface Turn {
  /** When the next one comes. */
  nextMs?: number;
  /** How long attempts take, the longest of late. */
  attemptMs: number;
}

/** By the key of a bulkhead. */
export type Turns = Map<string, Turn>;

/** Of a quota of which nothing is known yet. */
export function unknownTurn({ tickMs }: Timing): Turn {
  return { attemptMs: LONG_TICKS * tickMs };
}

/** What waits for one provider: the credentials of one quota, or of one token URL. */
export class Bulkhead {
  readonly items = new Map<string, Item>();
  running = 0;
  /** Grows with each change: what was known of it before is out of date. */
  turn = 0;
  readonly #timing: Timing;
  /** What is kept from tick to tick. */
  readonly #known: Turn;
  readonly #nextTickMs: number;
  /** No permit comes free before: saves asking the quota once for each credential. */
  #closedUntilMs: { all?: number; last?: number } = {};
  /** When the turn of the last one that was taken out came, which the next has if no permit was free for it. */
  #turnMs: number | undefined;
  /** When the last one was taken out … */
  #takenAtMs = 0;
  /** … which has not heard yet whether there is a permit for it. */
  #asking: string | undefined;
  #order: Order | undefined;

  constructor(timing: Timing, turn: Turn, nextTickMs: number) {
    this.#timing = timing;
    this.#known = turn;
    this.#nextTickMs = nextTickMs;
  }

  /** True when it was not in it already. */
  add(item: Item): boolean {
    const before = this.items.get(item.entry.credential);
    this.items.set(item.entry.credential, item);
    if (!before && item.entry.quotaPaceMs === undefined && this.#order) insert(this.#order, item);
    else this.#order = undefined;
    return before === undefined;
  }

  /** The most urgent, whether it may start or not. */
  first(nowMs: number): DueEntry | undefined {
    return this.#inOrder(nowMs)[0]?.entry;
  }

  close(priority: Priority, untilMs: number): void {
    this.#closedUntilMs[permitOf(priority)] = untilMs;
  }

  asked({ credential }: DueEntry): void {
    if (this.#asking === credential) this.#asking = undefined;
  }

  returnTurn(): void {
    this.#takenAtMs = 0;
    this.#asking = undefined;
    this.#known.nextMs = this.#turnMs;
  }

  /** An attempt is over, and took so long. */
  ended(tookMs: number): void {
    const longMs = LONG_TICKS * this.#timing.tickMs;
    this.#known.attemptMs = Math.min(longMs, Math.max(tookMs, (1 - FADES) * this.#known.attemptMs));
  }

  take(item: Item, nowMs: number): void {
    this.items.delete(item.entry.credential);
    const { quotaKey, quotaPaceMs = 0 } = item.entry;
    if (this.#order) this.#order.items.splice(this.#order.items.indexOf(item), 1);
    if (quotaKey === undefined || !isRenewal(item.entry, nowMs)) return;
    const lostMs = quotaPaceMs * CAUGHT_UP;
    // One that did not wait for its turn puts off nobody further.
    this.#turnMs = Math.max(Math.min(nowMs, this.#nextTurnMs(quotaPaceMs, nowMs)), nowMs - lostMs);
    this.#known.nextMs = this.#turnMs + EASE * quotaPaceMs;
    this.#takenAtMs = nowMs;
    this.#asking = item.entry.credential;
  }

  /** The most urgent that may start now, or the one that may start first. */
  next(nowMs: number): Candidate | undefined {
    const items = this.#inOrder(nowMs);
    const startsMs = this.#turnsMs(items, nowMs);
    let first: Candidate | undefined;
    for (const item of items) {
      if (startsMs && this.#waitsForNextTick(item.entry, nowMs)) continue;
      const startMs = Math.max(
        item.readyAtMs,
        startsMs?.get(item) ?? nowMs,
        this.#permitAtMs(item.entry, nowMs),
        this.#inFileMs(item.entry, startsMs !== undefined, nowMs),
      );
      if (startMs <= nowMs) return { bulkhead: this, item, startMs };
      if (!first || startMs < first.startMs) first = { bulkhead: this, item, startMs };
    }
    return first;
  }

  /**
   * What still runs when the next tick comes has that run in another container, to which this one's permits count for
   * longer: a turn whose answer may come so late is that tick's, unless its token would not live to see it.
   */
  #waitsForNextTick(entry: DueEntry, nowMs: number): boolean {
    const endMs = leavesByMs(this.#nextTickMs, this.#timing) - this.#known.attemptMs;
    return nowMs >= endMs && isRenewal(entry, nowMs) && (entry.deadlineMs ?? 0) > this.#nextTickMs;
  }

  /** One further away than turns are apart is of before the clock was set back, and counts no more. */
  #nextTurnMs(paceMs: number, nowMs: number): number {
    const turnMs = this.#known.nextMs ?? nowMs;
    return turnMs > nowMs + EASE * paceMs ? nowMs : turnMs;
  }

  /** When the turn of each comes where permits are scarce. One that waits for a lease takes no turn from the others. */
  #turnsMs(items: readonly Item[], nowMs: number): ReadonlyMap<Item, number> | undefined {
    // Without a quota there are no turns: the first that is ready is found without looking at all.
    const paceMs = items[0]?.entry.quotaPaceMs;
    if (paceMs === undefined) return undefined;
    const ready = items.filter(({ readyAtMs }) => readyAtMs <= nowMs);
    const startsMs = startTimesMs(
      ready.map(({ entry }) => entry),
      this.#nextTurnMs(paceMs, nowMs),
      nowMs,
      this.#timing,
      this.#asking === undefined ? 0 : 1,
    );
    return startsMs && new Map(ready.map((item, place) => [item, startsMs[place] ?? nowMs]));
  }

  #inOrder(nowMs: number): readonly Item[] {
    if (!this.#order || nowMs >= this.#order.untilMs) {
      const order = byUrgency(nowMs, this.#timing);
      const sorted = [...this.items.values()].sort((a, b) => order(a.entry, b.entry));
      const items = inSparingOrder(sorted, nowMs, this.#timing);
      this.#order = { items, compare: order, untilMs: nowMs + ORDER_TICKS * this.#timing.tickMs };
    }
    return this.#order.items;
  }

  /**
   * Where permits are scarce or one was refused, one goes after the other: of several that ask at once, any may get the
   * next one.
   */
  #inFileMs({ quotaKey, ...entry }: DueEntry, isScarce: boolean, nowMs: number): number {
    const { all, last } = this.#closedUntilMs;
    const mayWait = isScarce || all !== undefined || last !== undefined;
    if (!quotaKey || !mayWait || !isRenewal(entry, nowMs)) return 0;
    const { tickMs } = this.#timing;
    const leastMs = Math.max(LEAST_FILE_TICKS * tickMs, entry.quotaPaceMs ?? Number.POSITIVE_INFINITY);
    const afterMs = Math.min(FILE_TICKS * tickMs, leastMs);
    // Reading what an attempt needs may take longer: who asks behind another must not get the permit before it.
    return this.#asking === undefined ? this.#takenAtMs + afterMs : nowMs + afterMs;
  }

  #permitAtMs(entry: DueEntry, nowMs: number): number {
    if (!entry.quotaKey || !isRenewal(entry, nowMs)) return 0;
    return this.#closedUntilMs[permitOf(priorityOf(entry, nowMs, this.#timing))] ?? 0;
  }
}

/** Puts an item where its urgency belongs: others stay where they are. */
function insert({ items, compare }: Order, item: Item): void {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const isBehind = compare((items[middle] as Item).entry, item.entry) <= 0;
    if (isBehind) from = middle + 1;
    else to = middle;
  }
  items.splice(from, 0, item);
}

/** Which permits somebody of this priority waits for: any but the one that is held back, or the last one. */
function permitOf(priority: Priority): 'all' | 'last' {
  return priority === 'scheduled' ? 'all' : 'last';
}

/** {@link sparing}, of items that may start. */
function inSparingOrder(items: Item[], nowMs: number, timing: Timing): Item[] {
  if (items[0]?.entry.quotaPaceMs === undefined) return items;
  const entries = items.filter(({ readyAtMs }) => readyAtMs <= nowMs).map(({ entry }) => entry);
  const [chosen] = sparing(entries, nowMs, timing);
  const place = chosen && chosen !== entries[0] ? items.findIndex(({ entry }) => entry === chosen) : 0;
  const [item] = place > 0 ? items.splice(place, 1) : [];
  return item ? [item, ...items] : items;
}
