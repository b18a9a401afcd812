import type { Random } from '../random/random.ts';
import type { QuotaRecord } from './permits.ts';

/** Until when each permit counts, by its id (epoch ms). */
export type Ends = ReadonlyMap<string, number>;

/** What a container leaves in an item before it stands still: whose clock it was, and how late it was by it. */
export interface Stamp {
  readonly container: string;
  readonly atMs: number;
}

const BEFORE_CONTAINER = '@';

/**
 * When permits end by the clock of this container. Its own end when they say. Clocks differ, so those of another
 * container count for a margin longer, or, when that is less, for as long as it took from its stamp to now: that was
 * not written after it was read, whatever the clocks say.
 *
 *     its clock    ────── 60: stamps "until 100" ───────────────────── 100
 *     this clock   ────────────────── 71: reads it ──────────────────────── 111 at the latest
 */
export class PermitEnds {
  readonly #container: string;
  readonly #marginMs: number;
  readonly #known = new Map<string, Ends>();
  #granted = 0;

  constructor(random: Random, marginMs: number) {
    this.#container = random.id();
    this.#marginMs = marginMs;
  }

  /** The id of a new permit, which says whose clock its end is of. */
  newId(): string {
    this.#granted += 1;
    return `${this.#granted}${BEFORE_CONTAINER}${this.#container}`;
  }

  stamp(nowMs: number): Stamp {
    return { container: this.#container, atMs: nowMs };
  }

  /** What is left of a stamp when this container gets another permit: its own says nothing of that. */
  stampAfterGrant(stamp: Stamp | undefined): Stamp | undefined {
    return stamp?.container === this.#container ? undefined : stamp;
  }

  /** The item was read, and it is `nowMs` by this clock: what is known of the permits in it. */
  seen(
    { quotaKey, permits, stamp }: Pick<QuotaRecord, 'quotaKey' | 'permits' | 'stamp'>,
    nowMs: number,
  ): Ends {
    const before = this.#known.get(quotaKey);
    const ends = new Map<string, number>();
    for (const [id, untilMs] of Object.entries(permits)) {
      const latestMs = untilMs + this.#marginOf(containerOf(id), stamp, nowMs);
      ends.set(id, Math.min(latestMs, before?.get(id) ?? latestMs));
    }
    this.#known.set(quotaKey, ends);
    return ends;
  }

  #marginOf(container: string, stamp: Stamp | undefined, nowMs: number): number {
    if (container === this.#container) return 0;
    if (container !== stamp?.container) return this.#marginMs;
    const sinceMs = nowMs - stamp.atMs;
    // One of the future by more than clocks differ is of before its clock was set back.
    return Math.abs(sinceMs) < this.#marginMs ? sinceMs : this.#marginMs;
  }
}

function containerOf(permitId: string): string {
  return permitId.slice(permitId.indexOf(BEFORE_CONTAINER) + 1);
}
