/** What the quota says to one arrival. */
export interface Admission {
  readonly admitted: boolean;
  /** When admitted 0; otherwise how long until an arrival would be admitted if there were none before it. */
  readonly retryAfterMs: number;
}

/**
 * An exact sliding window: at most `limit` arrivals in any half-open span of `windowMs`. Not a counter per
 * clock minute, which lets twice the limit through around the turn of the minute. An arrival that is turned
 * away has arrived all the same and occupies the window: the provider limits requests, not successes.
 */
export class RateWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #banMs: number;
  #bannedUntilMs = -Infinity;
  /** Times of the arrivals that are still in the window, oldest first. */
  #arrivalsMs: number[] = [];
  #busiest = 0;

  /** @param banMs how long nothing is admitted after an arrival over the limit, whatever the window says. */
  constructor(limit: number, windowMs: number, banMs = 0) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#banMs = banMs;
  }

  /** The most arrivals there ever were in one window. A fullest window always ends at an arrival, so none is missed. */
  get busiest(): number {
    return this.#busiest;
  }

  /** Counts an arrival at `nowMs` and says whether it is within the quota. */
  arrive(nowMs: number): Admission {
    this.#forgetBefore(nowMs - this.#windowMs);
    // A wall clock that was set back must not block the window until it has caught up.
    if ((this.#arrivalsMs.at(-1) ?? nowMs) > nowMs) {
      this.#arrivalsMs = this.#arrivalsMs.map((atMs) => Math.min(atMs, nowMs));
    }
    this.#arrivalsMs.push(nowMs);
    this.#busiest = Math.max(this.#busiest, this.#arrivalsMs.length);
    if (nowMs < this.#bannedUntilMs) return { admitted: false, retryAfterMs: this.#bannedUntilMs - nowMs };
    if (this.#arrivalsMs.length <= this.#limit) return { admitted: true, retryAfterMs: 0 };
    if (this.#banMs > 0) {
      this.#bannedUntilMs = nowMs + this.#banMs;
      return { admitted: false, retryAfterMs: this.#banMs };
    }
    const lastToLeaveMs = this.#arrivalsMs[this.#arrivalsMs.length - this.#limit] ?? nowMs;
    return { admitted: false, retryAfterMs: lastToLeaveMs + this.#windowMs - nowMs };
  }

  /** An arrival exactly one window old has left it. */
  #forgetBefore(edgeMs: number): void {
    const first = this.#arrivalsMs.findIndex((atMs) => atMs > edgeMs);
    if (first !== 0) this.#arrivalsMs.splice(0, first === -1 ? this.#arrivalsMs.length : first);
  }
}
