import type { Clock } from '../../../shared/clock/clock.ts';

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until it is told to move: virtual time for tests and simulations. Wall time
 * and monotonic time move together, except where {@link ManualClock.shiftWall} sets the wall clock.
 */
export class ManualClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs: number;
  /** In the order they wake; equal times in the order they fell asleep. */
  readonly #sleepers: Sleeper[] = [];

  /** Starts at `startMs` since the Unix epoch; monotonic time starts at 0. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#wallOffsetMs = startMs;
  }

  nowMs(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** When the next sleeper wakes (monotonic); undefined if nobody sleeps. */
  get nextWakeAtMs(): number | undefined {
    return this.#sleepers[0]?.wakeAtMs;
  }

  /** When everybody who sleeps wakes (monotonic), in that order. */
  get wakesAtMs(): number[] {
    return this.#sleepers.map(({ wakeAtMs }) => wakeAtMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      };
      const sleeper: Sleeper = { wakeAtMs: this.#monotonicMs + ms, wake };
      const abandon = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        wake();
      };
      signal?.addEventListener('abort', abandon, { once: true });
      const later = this.#sleepers.findIndex((other) => other.wakeAtMs > sleeper.wakeAtMs);
      this.#sleepers.splice(later === -1 ? this.#sleepers.length : later, 0, sleeper);
    });
  }

  /**
   * Moves time forward by `ms` and wakes every sleeper due on the way, in order and each at its own time:
   * what a sleeper does when it wakes (sleep again, say) is done before the next one wakes. Await it;
   * one call at a time. Rejects with a RangeError if `ms` is negative or not a number.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0))
      throw new RangeError('advance: ms must be 0 or more; use shiftWall to set the wall clock back');
    const untilMs = this.#monotonicMs + ms;
    await settle();
    for (let next = this.#sleepers[0]; next && next.wakeAtMs <= untilMs; next = this.#sleepers[0]) {
      this.#sleepers.shift();
      this.#monotonicMs = next.wakeAtMs;
      next.wake();
      await settle();
    }
    this.#monotonicMs = untilMs;
  }

  /** Sets the wall clock forward, or back with a negative `ms`, as an operator or NTP does. Wakes nobody. */
  shiftWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }
}

/** Lets everything that can run without time passing run (a macrotask: every pending promise reaction is done). */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
