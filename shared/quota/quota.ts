import type { Clock } from '../clock/clock.ts';
import type { QuotaLimit } from '../credential/settings.ts';
import type { Random } from '../random/random.ts';
import type { Table } from '../table/table.ts';
import { updateItem } from '../table/update-item.ts';
import { PermitEnds } from './permit-ends.ts';
import {
  BURST,
  broughtBack,
  decidePermit,
  occupied,
  type PermitDecision,
  type QuotaRecord,
  READER,
  SHORT,
  settle,
} from './permits.ts';
import { keptPermits, type QuotaTiming, spreadWindow, trackedWindow } from './tracked-window.ts';

/** The right to send one request now. Without a quota it is a formality. */
export interface Permit {
  readonly id: string;
  readonly quota?: QuotaLimit;
  /** The provider has asked for silence, and this request finds out whether it means it. */
  readonly isProbe?: boolean;
}

export type Acquired = { readonly permit: Permit } | { readonly freeAtMs: number };

/** Who asks: `scheduled` leaves one permit to the others, who may take the last. */
export type Priority = 'scheduled' | 'lent' | 'reader' | 'urgent';

/** What is known of a request beside its priority. */
export interface PermitWish {
  readonly priority: Priority;
  /** Nobody plans it: it need not be spread over a long window. */
  readonly isBurst?: boolean;
  /** Its token lives for little more than a tick: it is spread among its like alone. */
  readonly isShort?: boolean;
  /** A token is about to expire: if there is no permit, readers get none before it. */
  readonly comesFirst?: boolean;
}

/** Requests that count in the window now. */
export interface QuotaInUse {
  readonly count: number;
  readonly limit: number;
  readonly windowMs: number;
  /** The provider has asked for silence until then. */
  readonly closedUntilMs?: number;
}

/** What is to change in the item; nothing when undefined. */
type Decide = (record: QuotaRecord) => Partial<QuotaRecord> | undefined;

const MAX_CONFLICTS = 30;

/** What the schedule needs of a quota. */
export interface PlannedDemand {
  /** In a window, as admission reckons: of always-fresh credentials, and to keep chains alive. */
  readonly requests: number;
  /** The least time that an always-fresh credential can go without a refresh; infinite: there is none. */
  readonly shortestLifeMs: number;
}

/**
 * Where all are on demand, what keeps chains alive has hours to spare, and goes before readers when one is about to
 * lapse: nothing is reserved for it where an hour has several windows, and half of each is enough.
 */
const SHORT_TICKS = 10;

/** How long readers wait for a token that is about to expire and had no permit, unless it is noted again. */
const URGENT_TICKS = 1;

/**
 * The request quota of the providers, an exact sliding window shared by all containers (I5): a permit is
 * occupied from its grant until one window after the answer, and for other containers, whose clocks may differ, a
 * margin longer. Wherever between grant and answer the request arrived, no window at the provider ever holds more
 * than the limit.
 */
export class Quota {
  readonly #table: Table<QuotaRecord>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #timing: QuotaTiming;
  readonly #ends: PermitEnds;
  /** The last change in this container of each quota's item; resolves however it ends. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(table: Table<QuotaRecord>, clock: Clock, random: Random, timing: QuotaTiming) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
    this.#timing = timing;
    this.#ends = new PermitEnds(random, timing.quotaMarginMs);
  }

  /**
   * A permit for one request whose answer is waited for until `answerByMs` (epoch ms), or when to ask
   * again. Rejects with `StoreUnavailableError`: then nothing may be sent.
   */
  async acquire(
    quota: QuotaLimit | undefined,
    answerByMs: number,
    { priority, isBurst, isShort, comesFirst }: PermitWish,
  ): Promise<Acquired> {
    const isReader = priority === 'reader';
    const id = `${isBurst ? BURST : ''}${isShort ? SHORT : ''}${isReader ? READER : ''}${this.#ends.newId()}`;
    if (!quota) return { permit: { id } };
    const { limit, windowMs } = trackedWindow(quota);
    const spread = isBurst ? undefined : spreadWindow(quota, this.#timing.tickMs);
    const request = { id, limit, windowMs, isReader, spread };
    let decision: PermitDecision | undefined;
    await this.#update(quota.key, (record) => {
      // Our own write, resent: it is granted already.
      if (record.permits[id] !== undefined) return undefined;
      const nowMs = this.#clock.nowMs();
      // A process may have stood still since it asked: nothing is reckoned from a deadline of the past.
      const occupiedUntilMs = this.#occupiedUntil(quota, Math.max(answerByMs, nowMs));
      const ends = this.#ends.seen(record, nowMs);
      const held = this.#held(priority, quota, record);
      decision = decidePermit(record, { ...request, held, occupiedUntilMs, ends }, nowMs);
      if (!decision.granted) {
        const farthestMs = occupiedUntilMs + this.#timing.leaseMs;
        const brought = broughtBack(record, { nowMs, farthestMs, occupiedUntilMs, windowMs });
        const waiting = comesFirst ? this.#waiting({ ...record, ...brought }, nowMs) : undefined;
        return brought || waiting ? { ...brought, ...waiting } : undefined;
      }
      const { permits, readerAtMs, isProbe } = decision;
      return {
        permits,
        stamp: this.#ends.stampAfterGrant(record.stamp),
        ...(readerAtMs !== undefined && { readerAtMs }),
        ...(isProbe && { probeAtMs: undefined }),
      };
    });
    if (decision?.granted === false) return { freeAtMs: decision.freeAtMs };
    return { permit: { id, quota, isProbe: decision?.isProbe ?? false } };
  }

  /** So many permits stay free for callers that may not wait. */
  #held(priority: Priority, quota: QuotaLimit, record: QuotaRecord): number {
    const { limit } = trackedWindow(quota);
    const kept = keptPermits(shortestLifeOf(record), quota, this.#timing);
    switch (priority) {
      case 'scheduled':
        return limit > 1 ? Math.max(1, kept) : 0;
      case 'lent':
        return limit > 1 ? kept : 0;
      case 'reader':
        return kept;
      case 'urgent':
        return 0;
    }
  }

  /** Written seldom: each time half of it is over. */
  #waiting({ urgentUntilMs = 0 }: QuotaRecord, nowMs: number): Partial<QuotaRecord> | undefined {
    const goesOnMs = URGENT_TICKS * this.#timing.tickMs;
    return urgentUntilMs - nowMs > goesOnMs / 2 ? undefined : { urgentUntilMs: nowMs + goesOnMs };
  }

  /**
   * The answer came (or will never be waited for again) at `answeredAtMs`: the permit is free one window later.
   * `isServed`: the provider gave what was asked, so that what a probe was for is known: the quota is open again.
   */
  async settle(permit: Permit, answeredAtMs: number, isServed = false): Promise<void> {
    const { quota, id, isProbe } = permit;
    if (!quota) return;
    await this.#update(quota.key, (record) => {
      const settled = this.#settled(record, id, this.#occupiedUntil(quota, answeredAtMs));
      return isProbe && isServed
        ? { ...settled, closedUntilMs: undefined, closedAtMs: undefined, probeAtMs: undefined }
        : settled;
    });
  }

  /** Nothing was sent: the permit is free at once. */
  async release(permit: Permit): Promise<void> {
    if (!permit.quota) return;
    await this.#update(permit.quota.key, (record) => this.#settled(record, permit.id, 0));
  }

  /**
   * The provider throttles, and has asked for silence until `untilMs`. One such answer may be a mistake, so one request
   * is let through after a window; if that is throttled too, nobody sends before the end that was stated.
   *
   *     429 ── closed ── probe after a window ── 200: open again
   *                                          └── 429: closed until the stated end
   */
  async close(quota: QuotaLimit | undefined, untilMs: number): Promise<void> {
    if (!quota) return;
    await this.#update(quota.key, (record) => {
      const nowMs = this.#clock.nowMs();
      const isClosed = nowMs < (record.closedUntilMs ?? 0);
      const probeAtMs = nowMs + quota.windowMs;
      if (!isClosed)
        return {
          closedUntilMs: untilMs,
          closedAtMs: nowMs,
          probeAtMs: probeAtMs < untilMs ? probeAtMs : undefined,
        };
      return untilMs <= (record.closedUntilMs ?? 0)
        ? undefined
        : { closedUntilMs: untilMs, closedAtMs: nowMs };
    });
  }

  /**
   * Readers and reports get what the schedule leaves. Writes only when that has changed. Rejects with
   * `StoreUnavailableError`.
   */
  async reserve(quota: QuotaLimit, { requests, shortestLifeMs }: PlannedDemand): Promise<void> {
    const { quotaMarginMs, quotaLatencyMs, tickMs } = this.#timing;
    const { limit, windowMs } = trackedWindow(quota);
    const perWindow = (requests * windowMs) / quota.windowMs;
    const isForChains = !Number.isFinite(shortestLifeMs);
    const canWait = isForChains && quota.windowMs <= SHORT_TICKS * tickMs && perWindow <= limit / 2;
    // Tokens that were registered together come due together: in a window that is long beside their lives, what readers
    // have taken does not come back in time.
    const together = Math.min(1, Math.max(0, windowMs - tickMs) / shortestLifeMs);
    const needed = perWindow * (1 + (quotaMarginMs + quotaLatencyMs) / windowMs) * (1 + together);
    const reserved = canWait ? 0 : Number(Math.min(limit, needed).toFixed(3));
    await this.#update(quota.key, (record) => {
      if (record.reserved === reserved && shortestLifeOf(record) === shortestLifeMs) return undefined;
      return { reserved, shortestLifeMs: isForChains ? undefined : shortestLifeMs };
    });
  }

  /**
   * Says how late it is by the clock of this container, which is about to stand still: one that goes on after it in a
   * moment need not add the whole margin to its permits. Rejects with `StoreUnavailableError`.
   */
  async stamp(quotaKey: string): Promise<void> {
    await this.#update(quotaKey, () => ({ stamp: this.#ends.stamp(this.#clock.nowMs()) }));
  }

  /** How many permits count now. Rejects with `StoreUnavailableError`. */
  async occupied(quota: QuotaLimit): Promise<number> {
    const record = await this.#table.load(quota.key);
    return record ? occupied(record, this.#clock.nowMs()).length : 0;
  }

  /** The window as it fills: of a large quota, the part that is kept (trackedWindow). Rejects with `StoreUnavailableError`. */
  async inUse(quota: QuotaLimit): Promise<QuotaInUse> {
    const nowMs = this.#clock.nowMs();
    const record = await this.#table.load(quota.key);
    const closedUntilMs = record?.closedUntilMs;
    return {
      ...trackedWindow(quota),
      count: record ? occupied(record, nowMs).length : 0,
      ...(closedUntilMs !== undefined && closedUntilMs > nowMs && { closedUntilMs }),
    };
  }

  #occupiedUntil(quota: QuotaLimit, answerMs: number): number {
    return Math.ceil(answerMs + trackedWindow(quota).windowMs);
  }

  #settled(record: QuotaRecord, id: string, untilMs: number): Partial<QuotaRecord> | undefined {
    const permits = settle(record.permits, id, untilMs);
    return permits === record.permits ? undefined : { permits };
  }

  /**
   * Attempts of one container take turns at an item, so that only containers compete for it. Without turns a
   * slow machine collapses: the more attempts wait in here, the more each of them loses to the others.
   */
  #update(key: string, decide: Decide): Promise<void> {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() => this.#change(key, decide));
    this.#turns.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #change(key: string, decide: Decide): Promise<void> {
    await updateItem({
      table: this.#table,
      clock: this.#clock,
      random: this.#random,
      key,
      what: `The quota ${key}`,
      mostConflicts: MAX_CONFLICTS,
      decide: (stored) => {
        const record = stored ?? unused(key);
        const changes = decide(record);
        return changes && withTtl({ ...record, ...changes });
      },
    });
  }
}

/** DynamoDB may drop it a day after nothing in it counts any more. */
function withTtl(record: QuotaRecord): QuotaRecord {
  const lastMs = Math.max(record.closedUntilMs ?? 0, ...Object.values(record.permits));
  return { ...record, ttl: Math.ceil(lastMs / 1000) + 24 * 3600 };
}

function unused(quotaKey: string): QuotaRecord {
  return { quotaKey, permits: {}, revision: 0, writer: '' };
}

function shortestLifeOf({ shortestLifeMs = Number.POSITIVE_INFINITY }: QuotaRecord): number {
  return shortestLifeMs;
}
