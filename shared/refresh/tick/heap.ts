/** A binary heap: what `compare` puts first comes out first. */
export class Heap<Item> {
  readonly #compare: (a: Item, b: Item) => number;
  #items: Item[];

  constructor(compare: (a: Item, b: Item) => number, items: Iterable<Item> = []) {
    this.#compare = compare;
    // A sorted array is a heap.
    this.#items = [...items].sort(compare);
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let place = items.push(item) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above] as Item;
      if (this.#compare(item, parent) >= 0) break;
      items[place] = parent;
      place = above;
    }
    items[place] = item;
  }

  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length > 0) this.#sink(last as Item);
    return first;
  }

  /** Puts `item` where the first one was, and moves it down to its place. */
  #sink(item: Item): void {
    const items = this.#items;
    let place = 0;
    while (true) {
      const left = 2 * place + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const isRight = right < items.length && this.#compare(items[right] as Item, items[left] as Item) < 0;
      const below = isRight ? right : left;
      const child = items[below] as Item;
      if (this.#compare(item, child) <= 0) break;
      items[place] = child;
      place = below;
    }
    items[place] = item;
  }
}
