import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random/random.ts';
import { ConflictError, type Revisioned, StoreUnavailableError, type Table } from './table.ts';

const MOST_CONFLICTS = 20;
const CONFLICT_DELAY_MS = 20;

export interface ItemUpdate<Item extends Revisioned> {
  readonly table: Table<Item>;
  readonly clock: Clock;
  readonly random: Random;
  readonly key: string;
  /** The next item, of which revision and writer are set here; undefined: nothing is to change. */
  readonly decide: (item: Item | undefined) => Item | undefined;
  /** The item as it was seen, which saves the first load. */
  readonly seen?: Item;
  /** What the item is, for the message of an error. */
  readonly what: string;
  readonly mostConflicts?: number;
}

/**
 * Changes one item by compare-and-swap: decides, saves, and decides anew from what another writer saved first. Returns
 * the item as it stands then. Rejects with `StoreUnavailableError` when the store failed (the change may have taken
 * place or not) or the item changed too often, and with what `decide` throws.
 */
export async function updateItem<Item extends Revisioned>(
  update: ItemUpdate<Item>,
): Promise<Item | undefined> {
  const { table, clock, random, key, decide, what, mostConflicts = MOST_CONFLICTS } = update;
  let item = update.seen ?? (await table.load(key));
  for (let conflicts = 1; conflicts <= mostConflicts; conflicts += 1) {
    const decided = decide(item);
    if (!decided) return item;
    const next = { ...decided, revision: (item?.revision ?? 0) + 1, writer: random.id() };
    try {
      await table.save(next);
      return next;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
    await clock.sleep(random.fraction() * CONFLICT_DELAY_MS * (conflicts - 1));
    item = await table.load(key);
  }
  throw new StoreUnavailableError(`${what} is contended: it changed ${mostConflicts} times.`);
}
