/** What every stored item has besides its own data: who wrote it last, and how often it was written. */
export interface Revisioned {
  /** 1 after the first save, +1 with each save. */
  readonly revision: number;
  /** Id of the save that wrote this revision: tells a resent write from somebody else's. */
  readonly writer: string;
}

/**
 * Items under a string key, each replaced whole and only by a writer that has seen its last revision
 * (compare-and-swap). That one rule is enough for the ledger and for the quota: a transition is a pure
 * function from one item to the next, and a writer that lost a race loads again and decides again.
 */
export interface Table<Item extends Revisioned> {
  /** The item as of now (strongly consistent), or undefined. Rejects with {@link StoreUnavailableError}. */
  load(key: string): Promise<Item | undefined>;
  /**
   * Stores `item`, whose `revision` is one more than that of the item it replaces (1: there must be none).
   * Saving the same item again (same revision, same writer) succeeds and does nothing.
   * Rejects with {@link ConflictError} when somebody else saved first, with {@link StoreUnavailableError}
   * when the outcome is unknown or the store refused.
   */
  save(item: Item): Promise<void>;
}

/** Somebody else saved this item first: load it again and decide again. */
export class ConflictError extends Error {
  readonly code = 'conflict';
  override readonly name = 'ConflictError';
}

/** A store could not be reached, throttled, or refused for a reason that is not about this item. */
export class StoreUnavailableError extends Error {
  readonly code = 'store-unavailable';
  override readonly name = 'StoreUnavailableError';
  /** A code of AWS or of the system: `AccessDeniedException`, `ECONNREFUSED`. */
  readonly reason: string | undefined;

  constructor(message: string, { reason, ...options }: ErrorOptions & { readonly reason?: string } = {}) {
    super(message, options);
    this.reason = reason;
  }
}
