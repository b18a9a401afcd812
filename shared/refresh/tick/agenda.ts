import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import type { Priority } from '../../quota/quota.ts';
import { Bulkhead, type Candidate, ORDER_TICKS, type Turns, unknownTurn } from './bulkhead.ts';
import { Heap } from './heap.ts';
import { byUrgency, isRenewal } from './order.ts';

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
/** What perhaps ends its process. */
const ALONE = '#alone';

/** Something to do now, or when to ask again; undefined time: when one of those that run ends. */
export type Next =
  | { readonly entry: DueEntry; readonly asked: () => void; readonly done: (atMs: number) => void }
  | { readonly entry?: undefined; readonly readyAtMs: number | undefined };

interface AgendaOptions {
  /** What perhaps ends its process has one of its own, so that others may be in flight beside it. */
  readonly hasProcesses?: boolean;
  /** What the tick before knew of them, and the next will. */
  readonly turns?: Turns;
  /** When the next tick comes, as a rule. */
  readonly nextTickMs?: number;
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
  readonly #turns: Turns;
  readonly #nextTickMs: number;
  readonly #hasProcesses: boolean;
  #running = 0;
  #size = 0;

  constructor(
    timing: Timing,
    due: readonly DueEntry[],
    unstored: readonly string[],
    { hasProcesses = false, turns = new Map(), nextTickMs = Number.POSITIVE_INFINITY }: AgendaOptions = {},
  ) {
    this.#timing = timing;
    this.#hasProcesses = hasProcesses;
    this.#turns = turns;
    this.#nextTickMs = nextTickMs;
    this.#alone = this.#bulkhead(ALONE);
    for (const credential of unstored) this.add({ credential, dueAtMs: 0 }, 0);
    for (const entry of due) this.add(entry, entry.dueAtMs);
  }

  get size(): number {
    return this.#size;
  }

  /** The quotas for a permit of which something was still waiting when it was last looked for something to do. */
  get waitedFor(): ReadonlySet<string> {
    const nowMs = this.#nowMs;
    const items = [...this.#bulkheads.values()].flatMap((bulkhead) => [...bulkhead.items.values()]);
    const waiting = items.filter(({ entry, readyAtMs }) => readyAtMs <= nowMs && isRenewal(entry, nowMs));
    return new Set(waiting.flatMap(({ entry }) => entry.quotaKey ?? []));
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
    else if (best) best = this.#aloneBefore(best, nowMs) ?? best;
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
    const done = (atMs: number) => {
      asked();
      bulkhead.ended(atMs - nowMs);
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

  /**
   * What has a process of its own waits for permits of the same quota as others do: where it is more urgent than `other`,
   * which may start now, it goes first, or the others would have each permit the moment that it comes free.
   */
  #aloneBefore(other: Candidate, nowMs: number): Candidate | undefined {
    if (!this.#hasProcesses || this.#alone.running > 0) return undefined;
    const first = this.#alone.next(nowMs);
    if (!first || first.startMs > nowMs || other.startMs > nowMs) return undefined;
    const [entry, others] = [first.item.entry, other.item.entry];
    if (entry.quotaKey === undefined || entry.quotaKey !== others.quotaKey) return undefined;
    if (byUrgency(nowMs, this.#timing)(entry, others) >= 0) return undefined;
    this.#wake(other.bulkhead);
    return first;
  }

  /** What may end this process waits until nothing else is in flight, nor will be in a moment. */
  #mayBeginAlone(soonestMs: number | undefined, nowMs: number): boolean {
    if (this.#hasProcesses) return this.#alone.running === 0;
    const leftMs = (soonestMs ?? Number.POSITIVE_INFINITY) - nowMs;
    return this.#running === 0 && leftMs >= QUIET_TICKS * this.#timing.tickMs;
  }

  #hasPlace({ running }: Bulkhead): boolean {
    if (running < OWN_PLACES || this.#running < PLACES - LEFT_TO_OTHERS) return true;
    // Where there are few, they share what is there, and what each has of its own stays free for it.
    return running < PLACES / this.#bulkheads.size && this.#running + this.#leftOfOwn() < PLACES;
  }

  /** Of the places that each bulkhead has of its own, those that it does not use now. */
  #leftOfOwn(): number {
    let left = 0;
    for (const { running } of this.#bulkheads.values()) left += Math.max(0, OWN_PLACES - running);
    return left;
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
    const bulkhead = this.#bulkhead(key);
    this.#bulkheads.set(key, bulkhead);
    return bulkhead;
  }

  #bulkhead(key: string): Bulkhead {
    const turn = this.#turns.get(key) ?? unknownTurn(this.#timing);
    this.#turns.set(key, turn);
    return new Bulkhead(this.#timing, turn, this.#nextTickMs);
  }
}
