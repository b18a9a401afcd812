/** Counts moments in a window that slides: the moments at or before now, and after now minus its length. */
export class RateWindow {
  readonly #windowMs: number;
  readonly #moments: number[] = [];
  #first = 0;
  /** The most that any window held. */
  busiest = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** How many there are now. */
  count(nowMs: number): number {
    while ((this.#moments[this.#first] ?? Number.POSITIVE_INFINITY) <= nowMs - this.#windowMs)
      this.#first += 1;
    if (this.#first > 1000) {
      this.#moments.splice(0, this.#first);
      this.#first = 0;
    }
    return this.#moments.length - this.#first;
  }

  add(nowMs: number): void {
    this.#moments.push(nowMs);
    this.busiest = Math.max(this.busiest, this.count(nowMs));
  }
}
