import { createHash } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { Random } from '../../random/random.ts';
import type { Table } from '../../table/table.ts';
import { updateItem } from '../../table/update-item.ts';
import type { Timestamp } from '../../telemetry/timestamps.ts';

type RefusedAtMs = Readonly<Record<string, number>>;

/** More are not needed to know that many are refused. */
const MOST_REMEMBERED = 20;

/**
 * What all containers know of refusals, so that a provider that refuses everybody for a while is told from a chain
 * that has ended (I8). Written when a refresh token is refused, which is seldom; a success writes nothing.
 */
export class RefusalLog {
  readonly #table: Table<Timestamp>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(table: Table<Timestamp>, clock: Clock, random: Random) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Notes that the refusals of `credential` began at `sinceMs`, and returns how many other credentials of this token
   * URL have been refused since `windowMs` before now. Doing it again changes nothing. Rejects with
   * `StoreUnavailableError`.
   */
  async note(tokenUrl: string, credential: string, sinceMs: number, windowMs: number): Promise<number> {
    const quotaKey = `#refused:${createHash('sha256').update(tokenUrl).digest('hex').slice(0, 32)}` as const;
    let others = 0;
    await updateItem({
      table: this.#table,
      clock: this.#clock,
      random: this.#random,
      key: quotaKey,
      what: 'The record of the refusals of a provider',
      decide: (before) => {
        const nowMs = this.#clock.nowMs();
        const refusedAtMs = recent(before?.refusedAtMs ?? {}, nowMs - windowMs);
        others = Object.keys(refusedAtMs).filter((id) => id !== credential).length;
        if (refusedAtMs[credential] === sinceMs) return undefined;
        return {
          ...(before ?? { quotaKey, permits: {}, revision: 0, writer: '' }),
          atMs: nowMs,
          refusedAtMs: latest({ ...refusedAtMs, [credential]: sinceMs }),
          ttl: Math.ceil((nowMs + windowMs) / 1000) + 24 * 3600,
        };
      },
    });
    return others;
  }
}

function recent(refusedAtMs: RefusedAtMs, fromMs: number): RefusedAtMs {
  return Object.fromEntries(Object.entries(refusedAtMs).filter(([, atMs]) => atMs >= fromMs));
}

function latest(refusedAtMs: RefusedAtMs): RefusedAtMs {
  const entries = Object.entries(refusedAtMs).sort(([, a], [, b]) => b - a);
  return Object.fromEntries(entries.slice(0, MOST_REMEMBERED));
}
