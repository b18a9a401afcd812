import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import type { Priority } from '../../quota/quota.ts';
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

/** What is still to be looked at in one tick, and from when on. */
export class Agenda {
  readonly #timing: Timing;
  readonly #bulkheads = new Map<string, Bulkhead>();
  /** What perhaps ends its process: nothing else is in flight beside it, and it is the last of a tick. */
  readonly #alone: Bulkhead;
  #running = 0;

  constructor(timing: Timing, due: readonly DueEntry[], unstored: readonly string[]) {
    this.#timing = timing;
    this.#alone = new Bulkhead(timing);
    for (const credential of unstored) this.add({ credential, dueAtMs: 0 }, 0);
    for (const entry of due) this.add(entry, entry.dueAtMs);
  }

  get size(): number {
    let size = this.#alone.items.size;
    for (const { items } of this.#bulkheads.values()) size += items.size;
    return size;
  }

  add(entry: DueEntry, readyAtMs: number): void {
    this.#of(entry).add({ entry, readyAtMs });
  }

  /** Nobody of this priority gets a permit of this entry's quota before `untilMs`. */
  close(entry: DueEntry, priority: Priority, untilMs: number): void {
    this.#of(entry).close(priority, untilMs);
  }

  /** Nothing was asked of the provider: the turn that was taken for it goes to the next. */
  returnTurn(entry: DueEntry): void {
    this.#of(entry).returnTurn();
  }

  /**
   * Takes out the most urgent of those that are ready and have a place, or says when one will be ready. Undefined:
   * nothing is left. Whoever takes an entry calls `asked` when it is known whether there was a permit for it, and `done`
   * when its attempt has ended.
   */
  take(nowMs: number): Next | undefined {
    if (this.size === 0) return undefined;
    const order = byUrgency(nowMs, this.#timing);
    let best: Candidate | undefined;
    let soonestMs: number | undefined;
    for (const bulkhead of this.#bulkheads.values()) {
      const found = this.#hasPlace(bulkhead) ? bulkhead.next(nowMs) : undefined;
      if (!found) continue;
      if (found.startMs > nowMs) soonestMs = Math.min(soonestMs ?? found.startMs, found.startMs);
      else if (!best || order(found.item.entry, best.item.entry) < 0) best = found;
    }
    const isQuiet = (soonestMs ?? Number.POSITIVE_INFINITY) - nowMs >= QUIET_TICKS * this.#timing.tickMs;
    // What may end its process waits until nothing else is in flight, nor will be in a moment.
    if (!best && this.#running === 0 && isQuiet) best = this.#alone.next(nowMs);
    if (!best) return { readyAtMs: soonestMs };
    if (best.startMs > nowMs) return { readyAtMs: Math.min(soonestMs ?? best.startMs, best.startMs) };
    const { bulkhead, item } = best;
    bulkhead.take(item, nowMs);
    bulkhead.running += 1;
    this.#running += 1;
    const asked = () => bulkhead.asked(item.entry);
    const done = () => {
      asked();
      bulkhead.running -= 1;
      this.#running -= 1;
    };
    return { entry: item.entry, asked, done };
  }

  #hasPlace({ running }: Bulkhead): boolean {
    if (this.#alone.running > 0 || this.#running >= PLACES) return false;
    return running < OWN_PLACES || this.#running < PLACES - LEFT_TO_OTHERS;
  }

  #of(entry: DueEntry): Bulkhead {
    if (entry.isolated) return this.#alone;
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
  readonly #timing: Timing;
  /** No permit comes free before: saves asking the quota once for each credential. */
  #closedUntilMs: { all?: number; last?: number } = {};
  /** When the next turn comes. */
  #nextTurnMs: number | undefined;
  /** When the last one was taken out … */
  #takenAtMs = 0;
  /** … which has not heard yet whether there is a permit for it. */
  #asking: string | undefined;
  #order: { readonly items: Item[]; readonly untilMs: number } | undefined;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  add(item: Item): void {
    this.items.set(item.entry.credential, item);
    this.#order = undefined;
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
    // Without a quota there are no turns: the first that is ready is found without looking at all.
    const startsMs =
      items[0]?.entry.quotaPaceMs === undefined
        ? undefined
        : startTimesMs(
            items.map(({ entry }) => entry),
            this.#nextTurnMs ?? nowMs,
            nowMs,
            this.#timing,
            this.#asking === undefined ? 0 : 1,
          );
    let first: Candidate | undefined;
    for (const [place, item] of items.entries()) {
      const startMs = Math.max(
        item.readyAtMs,
        startsMs?.[place] ?? nowMs,
        this.#permitAtMs(item.entry, nowMs),
        this.#inFileMs(item.entry, startsMs !== undefined, nowMs),
      );
      if (startMs <= nowMs) return { bulkhead: this, item, startMs };
      if (!first || startMs < first.startMs) first = { bulkhead: this, item, startMs };
    }
    return first;
  }

  #inOrder(nowMs: number): readonly Item[] {
    if (!this.#order || nowMs >= this.#order.untilMs) {
      const order = byUrgency(nowMs, this.#timing);
      const sorted = [...this.items.values()].sort((a, b) => order(a.entry, b.entry));
      const items = inSparingOrder(sorted, nowMs, this.#timing);
      this.#order = { items, untilMs: nowMs + ORDER_TICKS * this.#timing.tickMs };
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

/** Which permits somebody of this priority waits for: any but the one that is held back, or the last one. */
function permitOf(priority: Priority): 'all' | 'last' {
  return priority === 'scheduled' ? 'all' : 'last';
}

/** {@link sparing}, of items. */
function inSparingOrder(items: Item[], nowMs: number, timing: Timing): Item[] {
  const entries = items.map(({ entry }) => entry);
  const [chosen] = sparing(entries, nowMs, timing);
  const place = chosen ? entries.indexOf(chosen) : 0;
  const [item] = place > 0 ? items.splice(place, 1) : [];
  return item ? [item, ...items] : items;
}
