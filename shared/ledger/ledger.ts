import type { Shard } from '../config/shards.ts';
import type { CREDENTIALS_TABLE } from '../config/tables.ts';
import type { Revisioned, Table } from '../table/table.ts';

/** What the ledger must know of a credential's record to index it; the rest is the domain's own. */
export interface LedgerRecord extends Revisioned {
  readonly credential: string;
  /** When there is something to do (ms since the epoch); absent: never, and the record is not in the index. */
  readonly dueAtMs?: number | undefined;
  /** When its next refresh is wanted; before that it is due for something else. */
  readonly refreshAtMs?: number | undefined;
  /** When it is too late: the end of its access token or, on demand, of its chain less a margin. */
  readonly deadlineMs?: number | undefined;
  /** From then on its chain is about to lapse, and goes before all others. */
  readonly lapsingFromMs?: number | undefined;
  /** Whom its refreshes wait for: the quota, or the token URL. What hangs there holds up nobody else. */
  readonly bulkhead?: string | undefined;
  readonly failures?: number | undefined;
  /** Perhaps it ends processes: it is refreshed when nothing else is. */
  readonly isolated?: boolean | undefined;
  readonly quotaKey?: string | undefined;
  /** The rhythm its quota allows: milliseconds from one request to the next. */
  readonly quotaPaceMs?: number | undefined;
  readonly mode?: string | undefined;
  /** The key under which the index of attention holds it; absent: it is not in it … */
  readonly attention?: string | undefined;
  /** … and what that holds of it. */
  readonly watched?: unknown;
}

/** What the index tells of a record that is due: enough to put the due ones in order, without loading them. */
export interface DueEntry {
  readonly credential: string;
  readonly dueAtMs: number;
  readonly refreshAtMs?: number;
  readonly deadlineMs?: number;
  readonly lapsingFromMs?: number;
  readonly bulkhead?: string;
  readonly failures?: number;
  readonly isolated?: boolean;
  readonly quotaKey?: string;
  readonly quotaPaceMs?: number;
  readonly mode?: string;
}

type QuotaIndex = (typeof CREDENTIALS_TABLE.indexes)[1];

/** What the index tells of a record that has a quota: enough for the arithmetic of who shares it, without loading it. */
export type QuotaEntry<Item> = Pick<
  Item,
  Extract<keyof Item, 'credential' | 'quotaKey' | QuotaIndex['include'][number]>
>;

export interface ListOptions {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** What the index of attention tells of a record. */
export type AttentionEntry<Item extends LedgerRecord> = Pick<Item, 'credential' | 'watched'>;

/** The truth about every credential: one record each, found by its id or by when it is due. */
export interface Ledger<Item extends LedgerRecord> extends Table<Item> {
  /**
   * At most `limit` records with `dueAtMs` at or before `byMs`, earliest first, of all or of one shard. Eventually
   * consistent: it may miss the last moments' saves and show what they replaced, so load an entry before acting on it.
   * Rejects with `StoreUnavailableError`.
   */
  due(byMs: number, limit: number, shard?: Shard): Promise<DueEntry[]>;
  /**
   * Every record, removed credentials' tombstones included, in an order of its own that does not change; each is
   * consistent when it is read. With `after`: those behind that one, to go on where somebody stopped. With `limit`: so
   * many of them at most, and no more are read. Iterating rejects with `StoreUnavailableError`.
   */
  list(options?: ListOptions): AsyncIterable<Item>;
  /**
   * All records with this quota key, or with any: tombstones included, in no order. Eventually consistent, as
   * {@link Ledger.due}. Iterating rejects with `StoreUnavailableError`.
   */
  sharing(quotaKey?: string): AsyncIterable<QuotaEntry<Item>>;
  /**
   * All records that need this attention, in no order. Eventually consistent, as {@link Ledger.due}. Iterating rejects
   * with `StoreUnavailableError`.
   */
  attention(kind: NonNullable<Item['attention']>): AsyncIterable<AttentionEntry<Item>>;
}
