import type { Clock } from '../clock/clock.ts';
import type { QuotaLimit } from '../credential/settings.ts';
import type { Random } from '../random/random.ts';
import { ConflictError, StoreUnavailableError, type Table } from '../table/table.ts';
import { decidePermit, occupied, type PermitDecision, type QuotaRecord, READER, settle } from './permits.ts';
import { trackedWindow } from './tracked-window.ts';

/** The right to send one request now. Without a quota it is a formality. */
export interface Permit {
  readonly id: string;
  readonly quota?: QuotaLimit;
  /** The provider has asked for silence, and this request finds out whether it means it. */
  readonly isProbe?: boolean;
}

export type Acquired = { readonly permit: Permit } | { readonly freeAtMs: number };

/** Who asks: `scheduled` leaves one permit to the others; `reader` and `urgent` may take the last. */
export type Priority = 'scheduled' | 'reader' | 'urgent';

/** What is to change in the item; nothing when undefined. */
type Decide = (record: QuotaRecord) => Partial<QuotaRecord> | undefined;

/** An ordinary answer takes no more than so many margins, and its permit counts for so much longer. */
const LATENCY_MARGINS = 5 / 3;
const MAX_CONFLICTS = 30;
const CONFLICT_DELAY_MS = 20;

/**
 * The request quota of the providers, an exact sliding window shared by all containers (I5): a permit is
 * occupied from its grant until one window and a margin after the answer. Wherever between grant and
 * answer the request arrived, no window at the provider ever holds more than the limit.
 */
export class Quota {
  readonly #table: Table<QuotaRecord>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #marginMs: number;
  /** The last change in this container of each quota's item; resolves however it ends. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(table: Table<QuotaRecord>, clock: Clock, random: Random, marginMs: number) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
    this.#marginMs = marginMs;
  }

  /**
   * A permit for one request whose answer is waited for until `answerByMs` (epoch ms), or when to ask
   * again. Rejects with `StoreUnavailableError`: then nothing may be sent.
   */
  async acquire(quota: QuotaLimit | undefined, answerByMs: number, priority: Priority): Promise<Acquired> {
    const id = `${priority === 'reader' ? READER : ''}${this.#random.id()}`;
    if (!quota) return { permit: { id } };
    const { limit } = trackedWindow(quota);
    const held = priority === 'scheduled' && limit > 1 ? 1 : 0;
    const isReader = priority === 'reader';
    const request = { id, occupiedUntilMs: this.#occupiedUntil(quota, answerByMs), limit, held, isReader };
    let decision: PermitDecision | undefined;
    await this.#update(quota, (record) => {
      // Our own write, resent: it is granted already.
      if (record.permits[id] !== undefined) return undefined;
      decision = decidePermit(record, request, this.#clock.nowMs());
      if (!decision.granted) return undefined;
      return decision.isProbe
        ? { permits: decision.permits, probeAtMs: undefined }
        : { permits: decision.permits };
    });
    if (decision?.granted === false) return { freeAtMs: decision.freeAtMs };
    return { permit: { id, quota, isProbe: decision?.isProbe ?? false } };
  }

  /**
   * The answer came (or will never be waited for again) at `answeredAtMs`: the permit is free one window later.
   * `isServed`: the provider gave what was asked, so that what a probe was for is known: the quota is open again.
   */
  async settle(permit: Permit, answeredAtMs: number, isServed = false): Promise<void> {
    const { quota, id, isProbe } = permit;
    if (!quota) return;
    await this.#update(quota, (record) => {
      const settled = this.#settled(record, id, this.#occupiedUntil(quota, answeredAtMs));
      return isProbe && isServed ? { ...settled, closedUntilMs: undefined, probeAtMs: undefined } : settled;
    });
  }

  /** Nothing was sent: the permit is free at once. */
  async release(permit: Permit): Promise<void> {
    if (!permit.quota) return;
    await this.#update(permit.quota, (record) => this.#settled(record, permit.id, 0));
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
    await this.#update(quota, (record) => {
      const nowMs = this.#clock.nowMs();
      const isClosed = nowMs < (record.closedUntilMs ?? 0);
      const probeAtMs = nowMs + quota.windowMs;
      if (!isClosed)
        return { closedUntilMs: untilMs, probeAtMs: probeAtMs < untilMs ? probeAtMs : undefined };
      return untilMs <= (record.closedUntilMs ?? 0) ? undefined : { closedUntilMs: untilMs };
    });
  }

  /**
   * Always-fresh credentials need `requests` of each window: readers and reports get what that leaves. Writes only when
   * it has changed. Rejects with `StoreUnavailableError`.
   */
  async reserve(quota: QuotaLimit, requests: number): Promise<void> {
    const { limit, windowMs } = trackedWindow(quota);
    const perWindow = (requests * windowMs) / quota.windowMs;
    const reserved = Math.min(
      limit,
      Math.ceil(perWindow * (1 + (this.#marginMs * (1 + LATENCY_MARGINS)) / windowMs)),
    );
    await this.#update(quota, (record) => (record.reserved === reserved ? undefined : { reserved }));
  }

  /** How many permits count now. Rejects with `StoreUnavailableError`. */
  async occupied(quota: QuotaLimit): Promise<number> {
    const record = await this.#table.load(quota.key);
    return record ? occupied(record, this.#clock.nowMs()).length : 0;
  }

  #occupiedUntil(quota: QuotaLimit, answerMs: number): number {
    return Math.ceil(answerMs + trackedWindow(quota).windowMs + this.#marginMs);
  }

  #settled(record: QuotaRecord, id: string, untilMs: number): Partial<QuotaRecord> | undefined {
    const permits = settle(record.permits, id, untilMs);
    return permits === record.permits ? undefined : { permits };
  }

  /**
   * Attempts of one container take turns at an item, so that only containers compete for it. Without turns a
   * slow machine collapses: the more attempts wait in here, the more each of them loses to the others.
   */
  #update(quota: QuotaLimit, decide: Decide): Promise<void> {
    const turn = (this.#turns.get(quota.key) ?? Promise.resolve()).then(() => this.#change(quota, decide));
    this.#turns.set(
      quota.key,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #change(quota: QuotaLimit, decide: Decide): Promise<void> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const record = (await this.#table.load(quota.key)) ?? unused(quota.key);
      const changes = decide(record);
      if (!changes) return;
      try {
        await this.#table.save(this.#next(record, changes));
        return;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
      await this.#clock.sleep(this.#random.fraction() * CONFLICT_DELAY_MS * (conflicts + 1));
    }
    throw new StoreUnavailableError(
      `The quota ${quota.key} is contended: its item changed ${MAX_CONFLICTS} times.`,
    );
  }

  #next(record: QuotaRecord, changes: Partial<QuotaRecord>): QuotaRecord {
    const next = { ...record, ...changes, revision: record.revision + 1, writer: this.#random.id() };
    const lastMs = Math.max(next.closedUntilMs ?? 0, ...Object.values(next.permits));
    return { ...next, ttl: Math.ceil(lastMs / 1000) + 24 * 3600 };
  }
}

function unused(quotaKey: string): QuotaRecord {
  return { quotaKey, permits: {}, revision: 0, writer: '' };
}
