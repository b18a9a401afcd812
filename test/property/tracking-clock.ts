import { ManualClock } from '../support/fakes/manual-clock.ts';

/** A manual clock that knows when somebody wakes next. */
export class TrackingClock extends ManualClock {
  readonly #wakesAtMs = new Set<number>();

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms > 0 && !signal?.aborted) this.#wakesAtMs.add(this.monotonicMs() + ms);
    return super.sleep(ms, signal);
  }

  /** How long until then; undefined when nobody sleeps. Sleeps that were broken off count too. */
  get untilNextMs(): number | undefined {
    const nowMs = this.monotonicMs();
    for (const atMs of this.#wakesAtMs) if (atMs <= nowMs) this.#wakesAtMs.delete(atMs);
    return this.#wakesAtMs.size === 0 ? undefined : Math.min(...this.#wakesAtMs) - nowMs;
  }
}
