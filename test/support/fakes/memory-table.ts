import { frozenCopy } from '../../../shared/table/plain-item.ts';
import { expectOwnWrite, storeFailure } from '../../../shared/table/store-failure.ts';
import type { Revisioned, Table } from '../../../shared/table/table.ts';
import { type StoreHooks, withHooks } from './store-hooks.ts';

export interface MemoryTableOptions<Item> {
  /** Name of the key attribute. */
  readonly keyName: keyof Item & string;
  readonly hooks?: StoreHooks;
  /** What the table holds at first, such as the `items()` of another one (a backup). */
  readonly items?: Iterable<Item>;
}

/**
 * {@link Table} in memory, with the rules of the real one: whole items, compare-and-swap, a resent
 * save succeeds. Items are frozen copies, so a load costs nothing and no aliasing hides a bug.
 */
export class MemoryTable<Item extends Revisioned> implements Table<Item> {
  readonly #keyName: keyof Item & string;
  readonly #hooks: StoreHooks;
  readonly #items = new Map<string, Item>();

  constructor(options: MemoryTableOptions<Item>) {
    this.#keyName = options.keyName;
    this.#hooks = options.hooks ?? {};
    for (const item of options.items ?? []) this.#items.set(this.#keyOf(item), frozenCopy(item));
  }

  load(key: string): Promise<Item | undefined> {
    return withHooks(this.#hooks, 'load', key, () => this.#items.get(key));
  }

  async save(item: Item): Promise<void> {
    const key = this.#keyOf(item);
    const copy = storable(item);
    await withHooks(this.#hooks, 'save', key, () => this.#swap(key, copy));
  }

  /** Every item as it is now, for tests and for the fakes built on this one. No hook is asked. */
  items(): Item[] {
    return [...this.#items.values()];
  }

  #swap(key: string, item: Item): void {
    const stored = this.#items.get(key);
    if ((stored?.revision ?? 0) === item.revision - 1) this.#items.set(key, item);
    else expectOwnWrite(stored, item);
  }

  #keyOf(item: Item): string {
    return String(item[this.#keyName]);
  }
}

/** What one item can hold at most, in bytes (DynamoDB, quotas). */
const MOST_ITEM_BYTES = 400 * 1024;

/** An item that cannot be marshalled, or is too large, is refused as the real table refuses it. */
function storable<Item>(item: Item): Item {
  try {
    const copy = frozenCopy(item);
    if (bytesOf(copy) <= MOST_ITEM_BYTES) return copy;
  } catch (error) {
    throw storeFailure('save', error);
  }
  throw storeFailure('save', { name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
}

/** About as DynamoDB counts: names and texts in UTF-8, and a few bytes for everything else. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 3;
  for (const [name, member] of Object.entries(value)) {
    bytes += 1 + bytesOf(member) + (Array.isArray(value) ? 0 : Buffer.byteLength(name));
  }
  return bytes;
}
