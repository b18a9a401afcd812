import type { Clock } from '../clock/clock.ts';
import type { QuotaRecord } from '../quota/permits.ts';
import type { Random } from '../random/random.ts';
import { ConflictError, type Table } from '../table/table.ts';

/**
 * When something last happened. To who reads the quota table it is a quota without permits, under a key that
 * none can have: there is no `#` in a quota's.
 */
export interface Mark extends QuotaRecord {
  readonly quotaKey: `#${MarkName}`;
  readonly atMs: number;
}

export type MarkName = 'tick' | 'census';

/** A mark was moved to now. Absent: there was none before. */
export interface Moved {
  readonly beforeMs?: number;
}

/**
 * What all containers of an environment remember together, because none of them lives long enough to tell
 * how long a silence was, or what another has just done. One small item a mark, read and written once.
 */
export class Marks {
  readonly #table: Table<Mark>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(table: Table<Mark>, clock: Clock, random: Random) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Moves the mark to now, and tells where it was. With `everyMs`: at most once in each period of that length
   * (counted from the epoch, so that each period of CloudWatch has one). Undefined when the period has had
   * its turn or another container was quicker. Rejects with `StoreUnavailableError`.
   */
  async move(name: MarkName, everyMs?: number): Promise<Moved | undefined> {
    const quotaKey = `#${name}` as const;
    const nowMs = this.#clock.nowMs();
    const before = await this.#table.load(quotaKey);
    if (before && everyMs && Math.floor(before.atMs / everyMs) === Math.floor(nowMs / everyMs))
      return undefined;
    const revision = (before?.revision ?? 0) + 1;
    try {
      await this.#table.save({ quotaKey, permits: {}, atMs: nowMs, revision, writer: this.#random.id() });
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
    return { beforeMs: before?.atMs };
  }
}
