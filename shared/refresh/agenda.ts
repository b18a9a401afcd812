import type { Timing } from '../config/timing.ts';
import type { DueEntry } from '../ledger/ledger.ts';
import { byUrgency, isUrgent } from './order.ts';

interface Item {
  readonly entry: DueEntry;
  readonly readyAtMs: number;
}

/** What is still to be looked at in one tick, and from when on. */
export class Agenda {
  readonly #timing: Timing;
  readonly #items = new Map<string, Item>();
  /** No permit comes free before, by quota and priority: saves asking the quota once for each credential. */
  readonly #closedUntilMs = { scheduled: new Map<string, number>(), urgent: new Map<string, number>() };

  constructor(timing: Timing, due: readonly DueEntry[], unstored: readonly string[]) {
    this.#timing = timing;
    for (const credential of unstored) this.add({ credential, dueAtMs: 0 }, 0);
    for (const entry of due) this.add(entry, 0);
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

  /** Takes out the most urgent of those that are ready. */
  take(nowMs: number): DueEntry | undefined {
    const order = byUrgency(nowMs, this.#timing);
    const ready = [...this.#items.values()].filter((item) => this.#readyAtMs(item, nowMs) <= nowMs);
    const first = ready.map((item) => item.entry).sort(order)[0];
    if (first) this.#items.delete(first.credential);
    return first;
  }

  /** When the next one is ready; undefined when nothing is left. */
  nextReadyAtMs(nowMs: number): number | undefined {
    const times = [...this.#items.values()].map((item) => this.#readyAtMs(item, nowMs));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #readyAtMs({ entry, readyAtMs }: Item, nowMs: number): number {
    if (!entry.quotaKey) return readyAtMs;
    const priority = isUrgent(entry, nowMs, this.#timing) ? 'urgent' : 'scheduled';
    return Math.max(readyAtMs, this.#closedUntilMs[priority].get(entry.quotaKey) ?? 0);
  }
}
