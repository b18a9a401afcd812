import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { byUrgency, isRenewal, isUrgent } from './order.ts';
import { startTimesMs } from './pace.ts';

/** As long as it takes from the start of an attempt to its permit, generously. */
const FILE_TICKS = 1 / 240;
/** An order is good for so long: what it depends on (is it lapsing, is it waiting) changes slowly. */
const ORDER_TICKS = 1 / 60;

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
  readonly item: Item;
  readonly startMs: number;
}

/** Something to do now, or when to ask again; undefined time: when one of those that run ends. */
export type Next =
  | { readonly entry: DueEntry; done(): void }
  | { readonly entry?: undefined; readonly readyAtMs: number | undefined };

/** What is still to be looked at in one tick, and from when on. */
export class Agenda {
  readonly #timing: Timing;
  readonly #bulkheads = new Map<string, Bulkhead>();
  #running = 0;

  constructor(timing: Timing, due: readonly DueEntry[], unstored: readonly string[]) {
    this.#timing = timing;
    for (const credential of unstored) this.add({ credential, dueAtMs: 0 }, 0);
    for (const entry of due) this.add(entry, entry.dueAtMs);
  }

  get size(): number {
    let size = 0;
    for (const { items } of this.#bulkheads.values()) size += items.size;
    return size;
  }

  add(entry: DueEntry, readyAtMs: number): void {
    this.#of(entry).add({ entry, readyAtMs });
  }

  /** Nobody of this priority gets a permit of this entry's quota before `untilMs`. */
  close(entry: DueEntry, priority: 'scheduled' | 'urgent', untilMs: number): void {
    this.#of(entry).close(priority, untilMs);
  }

  /** Nothing was asked of the provider: the turn that was taken for it goes to the next. */
  returnTurn(entry: DueEntry): void {
    this.#of(entry).returnTurn();
  }

  /**
   * Takes out the most urgent of those that are ready and have a place, or says when one will be ready. Undefined:
   * nothing is left. Whoever takes an entry calls `done` when its attempt has ended.
   */
  take(nowMs: number): Next | undefined {
    let soonestMs: number | undefined;
    let best: { readonly bulkhead: Bulkhead; readonly item: Item } | undefined;
    let isEmpty = true;
    const order = byUrgency(nowMs);
    for (const bulkhead of this.#bulkheads.values()) {
      if (bulkhead.items.size === 0) continue;
      isEmpty = false;
      if (!this.#hasPlace(bulkhead)) continue;
      const found = bulkhead.next(nowMs);
      if (!found) continue;
      if (found.startMs > nowMs) soonestMs = Math.min(soonestMs ?? found.startMs, found.startMs);
      else if (!best || order(found.item.entry, best.item.entry) < 0) best = { bulkhead, item: found.item };
    }
    if (isEmpty) return undefined;
    if (!best) return { readyAtMs: soonestMs };
    const { bulkhead, item } = best;
    bulkhead.take(item, nowMs);
    bulkhead.running += 1;
    this.#running += 1;
    return {
      entry: item.entry,
      done: () => {
        bulkhead.running -= 1;
        this.#running -= 1;
      },
    };
  }

  #hasPlace({ running }: Bulkhead): boolean {
    if (this.#running >= PLACES) return false;
    return running < OWN_PLACES || this.#running < PLACES - LEFT_TO_OTHERS;
  }

  #of(entry: DueEntry): Bulkhead {
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
  /** No permit comes free before, by priority: saves asking the quota once for each credential. */
  #closedUntilMs: { scheduled?: number; urgent?: number } = {};
  /** When the next turn comes. */
  #nextTurnMs: number | undefined;
  /** When the last one was taken out. */
  #takenAtMs = 0;
  #order: { readonly items: Item[]; readonly untilMs: number } | undefined;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  add(item: Item): void {
    this.items.set(item.entry.credential, item);
    this.#order = undefined;
  }

  close(priority: 'scheduled' | 'urgent', untilMs: number): void {
    this.#closedUntilMs[priority] = untilMs;
  }

  returnTurn(): void {
    this.#nextTurnMs = undefined;
  }

  take(item: Item, nowMs: number): void {
    this.items.delete(item.entry.credential);
    const { quotaKey, quotaPaceMs = 0 } = item.entry;
    if (this.#order) this.#order.items.splice(this.#order.items.indexOf(item), 1);
    if (quotaKey === undefined || !isRenewal(item.entry, nowMs)) return;
    this.#nextTurnMs = nowMs + quotaPaceMs;
    this.#takenAtMs = nowMs;
  }

  /** The most urgent that may start now, or the one that may start first. */
  next(nowMs: number): Candidate | undefined {
    const items = this.#inOrder(nowMs);
    const startsMs = startTimesMs(
      items.map(({ entry }) => entry),
      this.#nextTurnMs ?? nowMs,
      nowMs,
      this.#timing,
    );
    let first: Candidate | undefined;
    for (const [place, item] of items.entries()) {
      const startMs = Math.max(
        item.readyAtMs,
        startsMs?.[place] ?? nowMs,
        this.#permitAtMs(item.entry, nowMs),
        this.#inFileMs(item.entry, nowMs),
      );
      if (startMs <= nowMs) return { item, startMs };
      if (!first || startMs < first.startMs) first = { item, startMs };
    }
    return first;
  }

  #inOrder(nowMs: number): readonly Item[] {
    if (!this.#order || nowMs >= this.#order.untilMs) {
      const order = byUrgency(nowMs);
      const items = [...this.items.values()].sort((a, b) => order(a.entry, b.entry));
      this.#order = { items, untilMs: nowMs + ORDER_TICKS * this.#timing.tickMs };
    }
    return this.#order.items;
  }

  /** Where a permit was refused, one goes after the other: of several that ask at once, any may get the next one. */
  #inFileMs({ quotaKey, ...entry }: DueEntry, nowMs: number): number {
    const { scheduled, urgent } = this.#closedUntilMs;
    if (!quotaKey || (scheduled === undefined && urgent === undefined) || !isRenewal(entry, nowMs)) return 0;
    return this.#takenAtMs + FILE_TICKS * this.#timing.tickMs;
  }

  #permitAtMs(entry: DueEntry, nowMs: number): number {
    if (!entry.quotaKey || !isRenewal(entry, nowMs)) return 0;
    const priority = isUrgent(entry, nowMs, this.#timing) ? 'urgent' : 'scheduled';
    return this.#closedUntilMs[priority] ?? 0;
  }
}
