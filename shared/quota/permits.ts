import type { Revisioned } from '../table/table.ts';
import type { Ends, Stamp } from './permit-ends.ts';

/** The permits of one quota that occupy its window: exact, whatever the clock minute. */
export interface QuotaRecord extends Revisioned {
  readonly quotaKey: string;
  /** Until when each permit counts, by permit id (epoch ms), by the clock of the container that got it. */
  readonly permits: Readonly<Record<string, number>>;
  /** Of the container that last left one. */
  readonly stamp?: Stamp;
  /** The provider asked for silence until then (`Retry-After`). */
  readonly closedUntilMs?: number;
  /** When it last asked for that. */
  readonly closedAtMs?: number;
  /** From then on one request may find out whether the provider means it; absent: it was made. */
  readonly probeAtMs?: number;
  /** Requests in a window that the schedule needs: readers get what that leaves. */
  readonly reserved?: number;
  /** The least time that an always-fresh credential can go without a refresh; absent: there is none. */
  readonly shortestLifeMs?: number;
  /** When readers get their next permit, where what is left to them is less than one in a window. */
  readonly readerAtMs?: number;
  /** A token that is about to expire waits for a permit: readers get none until then. */
  readonly urgentUntilMs?: number;
  /** When DynamoDB may drop the item (epoch seconds). */
  readonly ttl?: number;
}

/** What is asked for, and by whom. */
export interface PermitRequest {
  readonly id: string;
  readonly occupiedUntilMs: number;
  readonly limit: number;
  /** So many permits stay free for callers that may not wait. */
  readonly held: number;
  /** A reader asks: it gets what the schedule leaves, and nothing while a token or a chain is about to end. */
  readonly isReader?: boolean;
  /** Length of the window. */
  readonly windowMs?: number;
  /** No more than `limit` of the permits that are spread may begin within `windowMs`; absent: this one may come in a burst. */
  readonly spread?: { readonly limit: number; readonly windowMs: number };
  /** When permits end by the clock of this container; those that are not in it, when they say. */
  readonly ends?: Ends;
}

/** What a granted permit changes in the record. */
type Grant = Pick<QuotaRecord, 'permits' | 'readerAtMs'>;

export type PermitDecision =
  | ({ readonly granted: true; readonly isProbe: boolean } & Grant)
  | { readonly granted: false; readonly freeAtMs: number };

type Permits = readonly (readonly [id: string, untilMs: number])[];

/** Readers get one permit in so many windows where the schedule leaves nothing: nobody starves. */
const LEAST_OF_READERS = 1 / 20;

/**
 * Decides about one permit. `held` permits stay free for callers that may not wait. Granted: the permits
 * that count from now on, the new one until `occupiedUntilMs`. Not granted: when to ask again.
 */
export function decidePermit(
  record: Omit<QuotaRecord, keyof Revisioned | 'quotaKey'>,
  request: PermitRequest,
  nowMs: number,
): PermitDecision {
  const { id, limit, held, isReader, spread, windowMs = 0 } = request;
  const isClosed = record.closedUntilMs !== undefined && nowMs < record.closedUntilMs;
  const isProbe = isClosed && record.probeAtMs !== undefined && nowMs >= record.probeAtMs;
  if (isClosed && !isProbe)
    return { granted: false, freeAtMs: record.probeAtMs ?? record.closedUntilMs ?? nowMs };
  const counting = countingFor(request.ends, record.permits, nowMs);
  const available = limit - held;
  const share = limit - (record.reserved ?? 0);
  const waits = [
    counting.length >= available && endOf(counting, available),
    isReader && readerWaitMs(record, counting, share, nowMs),
    spread && spreadWaitMs(counting, spread, request, nowMs),
  ].filter((atMs) => typeof atMs === 'number');
  if (waits.length > 0) return { granted: false, freeAtMs: Math.max(...waits) };
  const kept = counting.map(([known]) => [known, record.permits[known] ?? 0] as const);
  return {
    granted: true,
    isProbe,
    permits: { ...Object.fromEntries(kept), [id]: request.occupiedUntilMs },
    ...(isReader && share < 1 && { readerAtMs: nowMs + windowMs / Math.max(share, LEAST_OF_READERS) }),
  };
}

/** Begins the id of a permit that a reader got. */
export const READER = 'reader-';
/** Begins the id of one that is not spread over its window. */
export const BURST = 'burst-';
/** Begins the id of one for a token that lives for little more than a tick. */
export const SHORT = 'short-';

/** The permits that count for this container, each with its end. What it drops nobody needs: its end has passed. */
function countingFor(ends: Ends | undefined, permits: QuotaRecord['permits'], nowMs: number): Permits {
  return Object.entries(permits)
    .map(([id, untilMs]) => [id, ends?.get(id) ?? untilMs] as const)
    .filter(([, endMs]) => endMs > nowMs);
}

/** When a reader may have one; false: now. */
function readerWaitMs(
  { readerAtMs = 0, urgentUntilMs = 0 }: Pick<QuotaRecord, 'readerAtMs' | 'urgentUntilMs'>,
  counting: Permits,
  share: number,
  nowMs: number,
): number | false {
  if (nowMs < urgentUntilMs) return urgentUntilMs;
  if (share < 1) return nowMs < readerAtMs && readerAtMs;
  const ofReaders = counting.filter(([id]) => id.includes(READER));
  return ofReaders.length >= Math.floor(share) && endOf(ofReaders, Math.floor(share));
}

/**
 * When one more may begin so that they stay spread over their window; false: now. What a burst has taken of the window
 * is missing for the rest of it: the others are further apart meanwhile. A token that lives for little more than a tick
 * cannot wait for others to be spread, so it is spread among its like.
 */
function spreadWaitMs(
  counting: Permits,
  spread: NonNullable<PermitRequest['spread']>,
  { id: asking, limit, windowMs = 0 }: PermitRequest,
  nowMs: number,
): number | false {
  const isShort = asking.startsWith(SHORT);
  const planned = counting.filter(([id]) => !id.startsWith(BURST));
  const left = isShort ? limit : limit - (counting.length - planned.length);
  const restMs = windowMs - (spread.windowMs * limit) / Math.max(left, 1);
  if (restMs <= 0) return false;
  const among = isShort ? planned.filter(([id]) => id.startsWith(SHORT)) : planned;
  const recent = among.filter(([, untilMs]) => untilMs - restMs > nowMs);
  return recent.length >= spread.limit && endOf(recent, spread.limit) - restMs;
}

/** When fewer than `available` of these permits count. */
function endOf(permits: Permits, available: number): number {
  const ends = permits.map(([, untilMs]) => untilMs).sort((a, b) => a - b);
  return ends[permits.length - available] ?? 0;
}

/** What of a quota's record says until when something is so. */
type Moments = Pick<
  QuotaRecord,
  'permits' | 'urgentUntilMs' | 'readerAtMs' | 'closedUntilMs' | 'closedAtMs' | 'probeAtMs'
>;

/** The present, as far as a clock that was set back is noticed by it. */
interface Present {
  readonly nowMs: number;
  /** No permit that is granted now ends later, whatever its request waits for. */
  readonly farthestMs: number;
  readonly occupiedUntilMs: number;
  readonly windowMs: number;
}

/**
 * Ends that are further away than any can be were written before the clock was set back: they count from now, as if
 * their requests had just been sent, and the provider had just asked for silence. Undefined when there are none.
 */
export function broughtBack(record: Moments, present: Present): Moments | undefined {
  const { farthestMs, occupiedUntilMs, windowMs } = present;
  const { permits, urgentUntilMs = 0, readerAtMs = 0 } = record;
  const farther = Object.entries(permits).filter(([, untilMs]) => untilMs > farthestMs);
  const closed = reclosed(record, present);
  const isUrgentFar = urgentUntilMs > farthestMs;
  const isReaderFar = readerAtMs > farthestMs + windowMs / LEAST_OF_READERS;
  if (farther.length === 0 && !closed && !isUrgentFar && !isReaderFar) return undefined;
  return {
    permits: { ...permits, ...Object.fromEntries(farther.map(([id]) => [id, occupiedUntilMs])) },
    ...(isUrgentFar && { urgentUntilMs: undefined }),
    ...(isReaderFar && { readerAtMs: undefined }),
    ...closed,
  };
}

function reclosed(
  { closedUntilMs, closedAtMs = 0, probeAtMs }: Moments,
  { nowMs, farthestMs, occupiedUntilMs }: Present,
): Partial<Moments> | undefined {
  // Clocks of containers differ by less than what a permit's end may differ by.
  if (closedUntilMs === undefined || closedAtMs <= nowMs + farthestMs - occupiedUntilMs) return undefined;
  const byMs = closedAtMs - nowMs;
  return {
    closedAtMs: nowMs,
    closedUntilMs: closedUntilMs - byMs,
    ...(probeAtMs !== undefined && { probeAtMs: probeAtMs - byMs }),
  };
}

/** The permits that count now, each with its end. */
export function occupied({ permits }: Pick<QuotaRecord, 'permits'>, nowMs: number): [string, number][] {
  return Object.entries(permits).filter(([, untilMs]) => untilMs > nowMs);
}

/** The permit counts until `occupiedUntilMs` (0: no longer) instead. It only ever gets shorter. */
export function settle(
  permits: QuotaRecord['permits'],
  id: string,
  occupiedUntilMs: number,
): QuotaRecord['permits'] {
  const before = permits[id];
  if (before === undefined || before <= occupiedUntilMs) return permits;
  const { [id]: _, ...others } = permits;
  return occupiedUntilMs === 0 ? others : { ...others, [id]: occupiedUntilMs };
}
