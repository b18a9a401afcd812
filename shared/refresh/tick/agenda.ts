import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import type { Priority } from '../../quota/quota.ts';
import { Heap } from './heap.ts';
import { byUrgency, isRenewal, priorityOf } from './order.ts';
import { sparing, startTimesMs } from './pace.ts';

/** As long as it takes from the start of an attempt to its permit, as a rule. */
const FILE_TICKS = 1 / 240;
/** An order is good for so long: what it depends on (is it lapsing, is it waiting) changes slowly. */
const ORDER_TICKS = 1 / 60;

/**
 * When a turn was late, because no permit was free or a tick had just begun, the next one comes earlier by up to this
 * part of the pace: the time is not lost. More of it would bring requests together that are to be spread.
 */
const CAUGHT_UP = 0.3;

/** So long nothing else may be about to begin when something begins that may end its process. */
const QUIET_TICKS = 1 / 30;

/** Attempts at a time, over all bulkheads … */
export const PLACES = 64;
/** … one that hangs leaves this many to the others, whatever it has to do … */
const LEFT_TO_OTHERS = 32;
/** … and each has as many of its own. */
const OWN_PLACES = 8;
/** What has no refresh to make, and asks nothing of a provider. */
const NO_PROVIDER = '#none';

interface Item {
  readonly entry: DueEntry;
  readonly readyAtMs: number;
}

interface Candidate {
  readonly bulkhead: Bulkhead;
  readonly item: Item;
  readonly startMs: number;
}

/** Something to do now, or when to ask again; undefined time: when one of those that run ends. */
export type Next =
  | { readonly entry: DueEntry; readonly asked: () => void; readonly done: () => void }
  | { readonly entry?: undefined; readonly readyAtMs: number | undefined };

/** The items of a bulkhead, the most urgent first, as `compare` sees them until `untilMs`. */
interface Order {
  readonly items: Item[];
  readonly compare: (a: DueEntry, b: DueEntry) => number;
  readonly untilMs: number;
}

/** A bulkhead among others: as urgent as `entry`, or not to be looked at before `startMs`. */
interface Awake {
  readonly bulkhead: Bulkhead;
  readonly entry: DueEntry;
  readonly turn: number;
}

interface Asleep {
  readonly bulkhead: Bulkhead;
  readonly startMs: number;
  readonly turn: number;
}

/**
 * What is still to be looked at in one tick, and from when on. Bulkheads whose time has come wait in one heap, by what is
 * most urgent in each, and those whose time is yet to come in another: taking one out costs little, however many there
 * are. All of them are looked at anew once in a while ({@link ORDER_TICKS}), because urgency changes with time.
 */
export class Agenda {
  readonly #timing: Timing;
  readonly #bulkheads = new Map<string, Bulkhead>();
  /** What perhaps ends its process: one after the other, the last of a tick. */
  readonly #alone: Bulkhead;
  #compare: (a: Awake, b: Awake) => number = () => 0;
  #awake = new Heap<Awake>(() => 0);
  #asleep = new Heap<Asleep>(() => 0);
  /** Those that have no place for one more. */
  #full: Bulkhead[] = [];
  #orderedUntilMs = Number.NEGATIVE_INFINITY;
  #nowMs = 0;
  readonly #hasProcesses: boolean;
  #running = 0;
  #size = 0;

  /** `hasProcesses`: what perhaps ends its process has one of its own, so that others may be in flight beside it. */
  constructor(
    timing: Timing,
    due: readonly DueEntry[],
    unstored: readonly string[],
    { hasProcesses = false } = {},
  ) {
    this.#timing = timing;
    this.#hasProcesses = hasProcesses;
    this.#alone = new Bulkhead(timing);
    for (const credential of unstored) this.add({ credential, dueAtMs: 0 }, 0);
    for (const entry of due) this.add(entry, entry.dueAtMs);
  }

  get size(): number {
    return this.#size;
  }

  add(entry: DueEntry, readyAtMs: number): void {
    const bulkhead = this.#of(entry);
    if (bulkhead.add({ entry, readyAtMs })) this.#size += 1;
    this.#wake(bulkhead);
  }

  /** Nobody of this priority gets a permit of this entry's quota before `untilMs`. */
  close(entry: DueEntry, priority: Priority, untilMs: number): void {
    const bulkhead = this.#of(entry);
    bulkhead.close(priority, untilMs);
    this.#wake(bulkhead);
  }

  /** Nothing was asked of the provider: the turn that was taken for it goes to the next. */
  returnTurn(entry: DueEntry): void {
    const bulkhead = this.#of(entry);
    bulkhead.returnTurn();
    this.#wake(bulkhead);
  }

  /**
   * Takes out the most urgent of those that are ready and have a place, or says when one will be ready. Undefined:
   * nothing is left. Whoever takes an entry calls `asked` when it is known whether there was a permit for it, and `done`
   * when its attempt has ended.
   */
  take(nowMs: number): Next | undefined {
    if (this.#size === 0) return undefined;
    this.#nowMs = nowMs;
    // What is ready meanwhile is no reason to ask again: only the end of one that runs is.
    if (!this.#hasPlaces) return { readyAtMs: undefined };
    let best = this.#mostUrgent(nowMs);
    const soonestMs = this.#soonestMs();
    if (!best && this.#mayBeginAlone(soonestMs, nowMs)) best = this.#alone.next(nowMs);
    if (!best) return { readyAtMs: soonestMs };
    if (best.startMs > nowMs) return { readyAtMs: Math.min(soonestMs ?? best.startMs, best.startMs) };
    const { bulkhead, item } = best;
    bulkhead.take(item, nowMs);
    bulkhead.running += 1;
    this.#running += 1;
    this.#size -= 1;
    this.#wake(bulkhead);
    const asked = () => {
      bulkhead.asked(item.entry);
      this.#wake(bulkhead);
    };
    const done = () => {
      asked();
      bulkhead.running -= 1;
      this.#running -= 1;
      for (const full of this.#full.splice(0)) this.#wake(full);
    };
    return { entry: item.entry, asked, done };
  }

  get #hasPlaces(): boolean {
    return this.#running < PLACES && (this.#alone.running === 0 || this.#hasProcesses);
  }

  #mostUrgent(nowMs: number): Candidate | undefined {
    if (nowMs >= this.#orderedUntilMs) this.#lookAtAll(nowMs);
    this.#wakeUntil(nowMs);
    for (let next = this.#awake.pop(); next; next = this.#awake.pop()) {
      const { bulkhead, turn } = next;
      if (turn !== bulkhead.turn) continue;
      if (!this.#hasPlace(bulkhead)) {
        this.#full.push(bulkhead);
        continue;
      }
      const found = bulkhead.next(nowMs);
      if (!found) continue;
      if (found.startMs > nowMs) {
        this.#asleep.push({ bulkhead, startMs: found.startMs, turn });
        continue;
      }
      const again: Awake = { bulkhead, entry: found.item.entry, turn };
      // What may start now is perhaps not the most urgent of its bulkhead, and then another one goes first.
      const isLess =
        next.entry !== again.entry && this.#awake.first && this.#compare(again, this.#awake.first) > 0;
      if (!isLess) return found;
      this.#awake.push(again);
    }
    return undefined;
  }

  #lookAtAll(nowMs: number): void {
    const order = byUrgency(nowMs, this.#timing);
    this.#compare = (a, b) => order(a.entry, b.entry);
    const awake: Awake[] = [];
    for (const bulkhead of this.#bulkheads.values()) {
      const entry = bulkhead.first(nowMs);
      if (entry) awake.push({ bulkhead, entry, turn: bulkhead.turn });
    }
    this.#awake = new Heap(this.#compare, awake);
    this.#asleep = new Heap((a, b) => a.startMs - b.startMs);
    this.#full = [];
    this.#orderedUntilMs = nowMs + ORDER_TICKS * this.#timing.tickMs;
  }

  #wakeUntil(nowMs: number): void {
    for (let first = this.#asleep.first; first && first.startMs <= nowMs; first = this.#asleep.first) {
      this.#asleep.pop();
      if (first.turn === first.bulkhead.turn) this.#wake(first.bulkhead);
    }
  }

  /** Something has changed in it: it is looked at again, and what the heaps know of it is out of date. */
  #wake(bulkhead: Bulkhead): void {
    bulkhead.turn += 1;
    // Before the first look at all of them there is nothing to be kept up to date.
    if (bulkhead === this.#alone || this.#orderedUntilMs === Number.NEGATIVE_INFINITY) return;
    const entry = bulkhead.first(this.#nowMs);
    if (entry) this.#awake.push({ bulkhead, entry, turn: bulkhead.turn });
  }

  /** When the first of those that sleep may start. */
  #soonestMs(): number | undefined {
    for (let first = this.#asleep.first; first; first = this.#asleep.first) {
      if (first.turn === first.bulkhead.turn) return first.startMs;
      this.#asleep.pop();
    }
    return undefined;
  }

  /** What may end this process waits until nothing else is in flight, nor will be in a moment. */
  #mayBeginAlone(soonestMs: number | undefined, nowMs: number): boolean {
    if (this.#hasProcesses) return this.#alone.running === 0;
    const leftMs = (soonestMs ?? Number.POSITIVE_INFINITY) - nowMs;
    return this.#running === 0 && leftMs >= QUIET_TICKS * this.#timing.tickMs;
  }

  #hasPlace({ running }: Bulkhead): boolean {
    return running < OWN_PLACES || this.#running < PLACES - LEFT_TO_OTHERS;
  }

  /** Without processes of their own it takes two attempts without a trace: alone in a tick there are places for few. */
  #isAlone({ isolated, failures = 0 }: DueEntry): boolean {
    return isolated === true && (this.#hasProcesses || failures >= 2);
  }

  #of(entry: DueEntry): Bulkhead {
    if (this.#isAlone(entry)) return this.#alone;
    const key = entry.bulkhead ?? entry.quotaKey ?? NO_PROVIDER;
    const known = this.#bulkheads.get(key);
    if (known) return known;
    const bulkhead = new Bulkhead(this.#timing);
    this.#bulkheads.set(key, bulkhead);
    return bulkhead;
  }
}

/** What waits for one provider: the credentials of one quota, or of one token URL. */
class Bulkhead {
  readonly items = new Map<string, Item>();
  running = 0;
  /** Grows with each change: what was known of it before is out of date. */
  turn = 0;
  readonly #timing: Timing;
  /** No permit comes free before: saves asking the quota once for each credential. */
  #closedUntilMs: { all?: number; last?: number } = {};
  /** When the next turn comes. */
  #nextTurnMs: number | undefined;
  /** When the last one was taken out … */
  #takenAtMs = 0;
  /** … which has not heard yet whether there is a permit for it. */
  #asking: string | undefined;
  #order: Order | undefined;

  constructor(timing: Timing) {
    this.#timing = timing;
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
    this.#nextTurnMs = undefined;
  }

  take(item: Item, nowMs: number): void {
    this.items.delete(item.entry.credential);
    const { quotaKey, quotaPaceMs = 0 } = item.entry;
    if (this.#order) this.#order.items.splice(this.#order.items.indexOf(item), 1);
    if (quotaKey === undefined || !isRenewal(item.entry, nowMs)) return;
    const lostMs = quotaPaceMs * CAUGHT_UP;
    // One that did not wait for its turn puts off nobody further.
    const turnMs = Math.min(nowMs, this.#nextTurnMs ?? nowMs);
    this.#nextTurnMs = Math.max(turnMs, nowMs - lostMs) + quotaPaceMs;
    this.#takenAtMs = nowMs;
    this.#asking = item.entry.credential;
  }

  /** The most urgent that may start now, or the one that may start first. */
  next(nowMs: number): Candidate | undefined {
    const items = this.#inOrder(nowMs);
    const startsMs = this.#turnsMs(items, nowMs);
    let first: Candidate | undefined;
    for (const item of items) {
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

  /** When the turn of each comes where permits are scarce. One that waits for a lease takes no turn from the others. */
  #turnsMs(items: readonly Item[], nowMs: number): ReadonlyMap<Item, number> | undefined {
    // Without a quota there are no turns: the first that is ready is found without looking at all.
    if (items[0]?.entry.quotaPaceMs === undefined) return undefined;
    const ready = items.filter(({ readyAtMs }) => readyAtMs <= nowMs);
    const startsMs = startTimesMs(
      ready.map(({ entry }) => entry),
      this.#nextTurnMs ?? nowMs,
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
    const afterMs = FILE_TICKS * this.#timing.tickMs;
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
