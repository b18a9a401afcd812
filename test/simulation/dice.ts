import { seededRandom } from '../integration/seeded-random.ts';

/** Chance that a seed repeats. Each part of a simulation has its own, so that one does not disturb another. */
export class Dice {
  readonly #seed: number;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly fraction: () => number;

  constructor(seed: number) {
    this.#seed = seed;
    this.fraction = seededRandom(seed);
  }

  /** Dice of another part: the same for the same name. */
  named(name: string): Dice {
    let hash = this.#seed ^ 0x9e3779b9;
    for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return new Dice(hash ^ (hash >>> 15));
  }

  chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  /** A whole number from `low` to `high`, both inclusive. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** A whole number whose order of magnitude is even: short ones are as frequent as long ones. */
  magnitude(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.fraction());
  }

  /** Waiting time until the next of events that come once in `mean`, without memory. */
  waiting(mean: number): number {
    return Math.ceil(-Math.log(1 - this.fraction()) * mean);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.fraction() * items.length)];
    if (item === undefined) throw new RangeError('pick: there is nothing to pick from');
    return item;
  }
}
