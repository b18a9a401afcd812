import type { Clock } from '../clock/clock.ts';
import type { QuotaRecord } from '../quota/permits.ts';
import type { Random } from '../random/random.ts';
import { ConflictError, type Table } from '../table/table.ts';
import { updateItem } from '../table/update-item.ts';

/**
 * When something last happened. To who reads the quota table it is a quota without permits, under a key that
 * none can have: there is no `#` in a quota's.
 */
export interface Timestamp extends QuotaRecord {
  readonly quotaKey: `#${string}`;
  readonly atMs: number;
  /** Of a token URL: when the refusals of each credential began (epoch ms); see `RefusalLog`. */
  readonly refusedAtMs?: Readonly<Record<string, number>>;
  /** What is remembered beside the time, in one piece. */
  readonly note?: unknown;
}

export type TimestampName =
  | 'tick'
  | 'tick-journal'
  /** The same of a further schedule, by the index of its shard. */
  | `tick-${number}`
  | `tick-journal-${number}`
  | 'inventory'
  | 'apps'
  | 'providers'
  | 'damaged'
  | 'seal-rotation';

/** A timestamp was set to now. Absent: there was none before. */
export interface Touched {
  readonly beforeMs?: number;
}

/**
 * What all containers of an environment remember together, because none of them lives long enough to tell
 * how long a silence was, or what another has just done. One small item a timestamp, read and written once.
 */
export class Timestamps {
  readonly #table: Table<Timestamp>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(table: Table<Timestamp>, clock: Clock, random: Random) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Sets the timestamp to now, and returns what it was before. With `everyMs`: at most once in each period of that length
   * (counted from the epoch, so that each period of CloudWatch has one). Undefined when the period has had
   * its turn or another container was quicker. Rejects with `StoreUnavailableError`.
   */
  async touch(name: TimestampName, everyMs?: number): Promise<Touched | undefined> {
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

  /** When it was last set; undefined: never. Rejects with `StoreUnavailableError`. */
  async lastMs(name: TimestampName): Promise<number | undefined> {
    return (await this.#table.load(`#${name}`))?.atMs;
  }

  /** What was remembered under this name. Rejects with `StoreUnavailableError`. */
  async recall(name: TimestampName): Promise<unknown> {
    return (await this.#table.load(`#${name}`))?.note;
  }

  /**
   * Replaces what is remembered under a name by what `change` makes of it; undefined leaves it. Returns what is
   * remembered then. Where another container was quicker, `change` is asked again. Rejects with
   * `StoreUnavailableError`.
   */
  async note(name: TimestampName, change: (before: unknown) => unknown): Promise<unknown> {
    const quotaKey = `#${name}` as const;
    const timestamp = await updateItem<Timestamp>({
      table: this.#table,
      clock: this.#clock,
      random: this.#random,
      key: quotaKey,
      what: `The note ${name}`,
      decide: (before) => {
        const note = change(before?.note);
        const atMs = this.#clock.nowMs();
        return note === undefined
          ? undefined
          : { quotaKey, permits: {}, atMs, note, revision: 0, writer: '' };
      },
    });
    return timestamp?.note;
  }
}
