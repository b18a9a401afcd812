/** Which steps slept when a state was met. */
export type Slept = ReadonlySet<string>;

const NONE: Slept = new Set();
const FIRST_SIZE = 2 ** 16;
/** The first of a state's three words is never 0. */
const LANES = 3;

/**
 * The states that were met, by 96 bits of each, in typed arrays: with ten million states the chance that two of them
 * are taken for the same is one in 10^15.
 */
export class StateTable {
  #size = FIRST_SIZE;
  #words = new Uint32Array(FIRST_SIZE * LANES);
  #count = 0;
  /** Only of states in which something slept. */
  readonly #slept = new Map<number, Slept>();
  #ids = new Uint32Array(FIRST_SIZE);

  get count(): number {
    return this.#count;
  }

  /** What slept when that state was met; undefined: it was not met. */
  get(key: StateKey): { readonly id: number; readonly slept: Slept } | undefined {
    const place = this.#placeOf(key);
    if (this.#words[place * LANES] === 0) return undefined;
    const id = this.#ids[place] ?? 0;
    return { id, slept: this.#slept.get(id) ?? NONE };
  }

  /** A state that is met for the first time. */
  add(key: StateKey, slept: Slept): void {
    if (this.#count * 2 >= this.#size) this.#grow();
    const place = this.#placeOf(key);
    this.#words.set(key, place * LANES);
    this.#count += 1;
    this.#ids[place] = this.#count;
    if (slept.size > 0) this.#slept.set(this.#count, slept);
  }

  /** Fewer steps sleep in it from now on. */
  set(id: number, slept: Slept): void {
    if (slept.size > 0) this.#slept.set(id, slept);
    else this.#slept.delete(id);
  }

  #placeOf(key: StateKey): number {
    const words = this.#words;
    const mask = this.#size - 1;
    for (let place = key[1] & mask; ; place = (place + 1) & mask) {
      const at = place * LANES;
      if (words[at] === 0) return place;
      if (words[at] === key[0] && words[at + 1] === key[1] && words[at + 2] === key[2]) return place;
    }
  }

  #grow(): void {
    const [words, ids, size] = [this.#words, this.#ids, this.#size];
    this.#size = size * 2;
    this.#words = new Uint32Array(this.#size * LANES);
    this.#ids = new Uint32Array(this.#size);
    for (let place = 0; place < size; place += 1) {
      const at = place * LANES;
      const key: StateKey = [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0];
      if (key[0] === 0) continue;
      const free = this.#placeOf(key);
      this.#words.set(key, free * LANES);
      this.#ids[free] = ids[place] ?? 0;
    }
  }
}

/** 96 bits of a state. */
export type StateKey = readonly [number, number, number];

/** Mixes whole numbers (below 2^48) into 96 bits, by the steps of MurmurHash3 (public domain). */
export function keyOfNumbers(numbers: readonly number[]): StateKey {
  let [one, two, three] = [0x9e3779b9, 0x7f4a7c15, 0x94d049bb];
  for (const number of numbers) {
    const low = number | 0;
    const high = Math.floor(number / 2 ** 32) | 0;
    one = mixed(one, low, 0xcc9e2d51, 0x1b873593);
    two = mixed(two, low, 0x239b961b, 0xab0e9789);
    three = mixed(three, low, 0x38b34ae5, 0xa1e38b93);
    if (high === 0) continue;
    one = mixed(one, high ^ 0x55555555, 0xcc9e2d51, 0x1b873593);
    two = mixed(two, high ^ 0x33333333, 0x239b961b, 0xab0e9789);
    three = mixed(three, high ^ 0x0f0f0f0f, 0x38b34ae5, 0xa1e38b93);
  }
  return [final(one) || 1, final(two), final(three)];
}

function mixed(hash: number, word: number, first: number, second: number): number {
  let bits = Math.imul(word, first);
  bits = (bits << 15) | (bits >>> 17);
  let next = hash ^ Math.imul(bits, second);
  next = (next << 13) | (next >>> 19);
  return (Math.imul(next, 5) + 0xe6546b64) | 0;
}

function final(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
