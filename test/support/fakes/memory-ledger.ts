import { bucketOf, bucketsOf, type Shard, WHOLE } from '../../../shared/config/shards.ts';
import { CREDENTIALS_TABLE } from '../../../shared/config/tables.ts';
import type {
  AttentionEntry,
  DueEntry,
  Ledger,
  LedgerRecord,
  ListOptions,
  QuotaEntry,
} from '../../../shared/ledger/ledger.ts';
import { MemoryTable } from './memory-table.ts';
import { type StoreHooks, withHooks } from './store-hooks.ts';

export interface MemoryLedgerOptions<Item> {
  /** Asked for `load`, `save`, and with an empty name for `due`, `list`, `sharing` and `attention`. */
  readonly hooks?: StoreHooks;
  /** What the ledger holds at first, such as the `items()` of another one (a backup). */
  readonly items?: Iterable<Item>;
}

/** {@link Ledger} in memory. Its index is never behind; of equal due times the lower id comes first. */
export class MemoryLedger<Item extends LedgerRecord> implements Ledger<Item> {
  readonly #table: MemoryTable<Item>;
  readonly #hooks: StoreHooks;

  constructor(options: MemoryLedgerOptions<Item> = {}) {
    this.#table = new MemoryTable<Item>({ ...options, keyName: CREDENTIALS_TABLE.partitionKey.name });
    this.#hooks = options.hooks ?? {};
  }

  load(credential: string): Promise<Item | undefined> {
    return this.#table.load(credential);
  }

  save(item: Item): Promise<void> {
    return this.#table.save(item);
  }

  due(byMs: number, limit: number, shard: Shard = WHOLE): Promise<DueEntry[]> {
    const buckets = bucketsOf(shard);
    const isOf = (item: Item) => buckets.includes(bucketOf(item));
    return withHooks(this.#hooks, 'due', '', () =>
      this.#table.items().filter(isOf).flatMap(dueEntryBy(byMs)).sort(earliestFirst).slice(0, limit),
    );
  }

  async *list({ after, limit = Number.POSITIVE_INFINITY }: ListOptions = {}): AsyncIterable<Item> {
    const items = await withHooks(this.#hooks, 'list', '', () => this.#table.items());
    const place = after === undefined ? -1 : items.findIndex(({ credential }) => credential === after);
    yield* items.slice(place + 1, place + 1 + limit);
  }

  async *sharing(quotaKey?: string): AsyncIterable<QuotaEntry<Item>> {
    const items = await withHooks(this.#hooks, 'sharing', '', () => this.#table.items());
    for (const item of items) {
      const isShown = item.quotaKey !== undefined && (quotaKey ?? item.quotaKey) === item.quotaKey;
      if (isShown) yield quotaEntry(item);
    }
  }

  async *attention(kind: NonNullable<Item['attention']>): AsyncIterable<AttentionEntry<Item>> {
    const items = await withHooks(this.#hooks, 'attention', '', () => this.#table.items());
    for (const { attention, credential, watched } of items) {
      if (attention === kind) yield { credential, ...(watched !== undefined && { watched }) };
    }
  }

  /** Every record as it is now, for tests. No hook is asked. */
  items(): Item[] {
    return this.#table.items();
  }
}

const DETAILS = CREDENTIALS_TABLE.indexes[0].include;

function dueEntryBy(byMs: number): (item: LedgerRecord) => DueEntry[] {
  return (item) => {
    const { credential, dueAtMs } = item;
    if (dueAtMs === undefined || dueAtMs > byMs) return [];
    const details = DETAILS.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]);
    return [{ credential, dueAtMs, ...Object.fromEntries(details) }];
  };
}

function quotaEntry<Item extends LedgerRecord>(item: Item): QuotaEntry<Item> {
  const shown: readonly string[] = ['credential', 'quotaKey', ...CREDENTIALS_TABLE.indexes[1].include];
  const members = Object.entries(item).filter(([name, value]) => shown.includes(name) && value !== undefined);
  return Object.fromEntries(members) as unknown as QuotaEntry<Item>;
}

function earliestFirst(a: DueEntry, b: DueEntry): number {
  return a.dueAtMs - b.dueAtMs || (a.credential < b.credential ? -1 : 1);
}
