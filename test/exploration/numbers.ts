/** Gives each different text a number, from 1 on: equal things are told by their numbers from then on. */
export class Numbers {
  readonly #known = new Map<string, number>();

  of(text: string): number {
    const before = this.#known.get(text);
    if (before !== undefined) return before;
    const number = this.#known.size + 1;
    this.#known.set(text, number);
    return number;
  }
}
