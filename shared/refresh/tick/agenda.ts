import type { Timing } from '../../config/timing.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { byUrgency, isUrgent } from './order.ts';
import { startTimesMs } from './pace.ts';

/** As long as it takes from the start of an attempt to its permit, generously. */
const FILE_TICKS = 1 / 240;

interface Item {
  readonly entry: DueEntry;
  readonly readyAtMs: number;
}

/** Something to do now, or when to ask again. */
export type Next = { readonly entry: DueEntry } | { readonly entry?: undefined; readonly readyAtMs: number };

/** What is still to be looked at in one tick, and from when on. */
export class Agenda {
  readonly #timing: Timing;
  readonly #items = new Map<string, Item>();
  /** No permit comes free before, by quota and priority: saves asking the quota once for each credential. */
  readonly #closedUntilMs = { scheduled: new Map<string, number>(), urgent: new Map<string, number>() };
  /** When the next turn of each quota comes. */
  readonly #nextTurnMs = new Map<string, number>();
  /** When the last one of each quota was taken out. */
  readonly #takenAtMs = new Map<string, number>();

  constructor(timing: Timing, due: readonly DueEntry[], unstored: readonly string[]) {
    this.#timing = timing;
    for (const credential of unstored) this.add({ credential, dueAtMs: 0 }, 0);
    for (const entry of due) this.add(entry, entry.dueAtMs);
  }

  get size(): number {
    return this.#items.size;
  }

  add(entry: DueEntry, readyAtMs: number): void {
    this.#items.set(entry.credential, { entry, readyAtMs });
  }

  /** Nobody of this priority gets a permit of this quota before `untilMs`. */
  close(quotaKey: string, priority: 'scheduled' | 'urgent', untilMs: number): void {
    this.#closedUntilMs[priority].set(quotaKey, untilMs);
  }

  /** Takes out the most urgent of those that are ready, or says when one will be. Undefined: nothing is left. */
  take(nowMs: number): Next | undefined {
    if (this.#items.size === 0) return undefined;
    const startable = this.#startable(nowMs);
    const entry = startable.find(({ startMs }) => startMs <= nowMs)?.entry;
    if (!entry) return { readyAtMs: Math.min(...startable.map(({ startMs }) => startMs)) };
    this.#items.delete(entry.credential);
    if (entry.quotaKey) {
      this.#nextTurnMs.set(entry.quotaKey, nowMs + (entry.quotaPaceMs ?? 0));
      this.#takenAtMs.set(entry.quotaKey, nowMs);
    }
    return { entry };
  }

  /** Nothing was asked of the provider: the turn that was taken for it goes to the next. */
  returnTurn(quotaKey: string): void {
    this.#nextTurnMs.delete(quotaKey);
  }

  /** Everything that is left, most urgent first, with the time from which each may start. */
  #startable(nowMs: number): { readonly entry: DueEntry; readonly startMs: number }[] {
    const order = byUrgency(nowMs, this.#timing);
    const items = [...this.#items.values()].sort((a, b) => order(a.entry, b.entry));
    const turns = new Map<DueEntry, number>();
    for (const [quotaKey, group] of Map.groupBy(items, ({ entry }) => entry.quotaKey)) {
      const entries = group.map(({ entry }) => entry);
      const nextTurnMs = this.#nextTurnMs.get(quotaKey ?? '') ?? nowMs;
      const starts = startTimesMs(entries, nextTurnMs, nowMs, this.#timing);
      for (const [place, entry] of entries.entries()) turns.set(entry, starts[place] ?? nowMs);
    }
    return items.map(({ entry, readyAtMs }) => ({
      entry,
      startMs: Math.max(
        readyAtMs,
        turns.get(entry) ?? nowMs,
        this.#permitAtMs(entry, nowMs),
        this.#inFileMs(entry),
      ),
    }));
  }

  /** Where a permit was refused, one goes after the other: of several that ask at once, any may get the next one. */
  #inFileMs({ quotaKey }: DueEntry): number {
    const { scheduled, urgent } = this.#closedUntilMs;
    if (!quotaKey || !(scheduled.has(quotaKey) || urgent.has(quotaKey))) return 0;
    return (this.#takenAtMs.get(quotaKey) ?? 0) + FILE_TICKS * this.#timing.tickMs;
  }

  #permitAtMs(entry: DueEntry, nowMs: number): number {
    if (!entry.quotaKey) return 0;
    const priority = isUrgent(entry, nowMs, this.#timing) ? 'urgent' : 'scheduled';
    return this.#closedUntilMs[priority].get(entry.quotaKey) ?? 0;
  }
}
