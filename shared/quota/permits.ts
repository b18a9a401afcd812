import type { Revisioned } from '../table/table.ts';

/** The permits of one quota that occupy its window: exact, whatever the clock minute. */
export interface QuotaRecord extends Revisioned {
  readonly quotaKey: string;
  /** Until when each permit counts, by permit id (epoch ms). */
  readonly permits: Readonly<Record<string, number>>;
  /** The provider asked for silence until then (`Retry-After`). */
  readonly closedUntilMs?: number;
  /** From then on one request may find out whether the provider means it; absent: it was made. */
  readonly probeAtMs?: number;
  /** Requests in a window that always-fresh credentials need: readers leave so many permits to them. */
  readonly reserved?: number;
  /** When DynamoDB may drop the item (epoch seconds). */
  readonly ttl?: number;
}

export type PermitDecision =
  | { readonly granted: true; readonly permits: Readonly<Record<string, number>>; readonly isProbe: boolean }
  | { readonly granted: false; readonly freeAtMs: number };

/**
 * Decides about one permit. `held` permits stay free for callers that may not wait. Granted: the permits
 * that count from now on, the new one until `occupiedUntilMs`. Not granted: when to ask again.
 */
export function decidePermit(
  record: Pick<QuotaRecord, 'permits' | 'closedUntilMs' | 'probeAtMs' | 'reserved'>,
  request: {
    readonly id: string;
    readonly occupiedUntilMs: number;
    readonly limit: number;
    readonly held: number;
    /** A reader asks: at most what always-fresh credentials leave, and one at least. */
    readonly isReader?: boolean;
  },
  nowMs: number,
): PermitDecision {
  const isClosed = record.closedUntilMs !== undefined && nowMs < record.closedUntilMs;
  const isProbe = isClosed && record.probeAtMs !== undefined && nowMs >= record.probeAtMs;
  if (isClosed && !isProbe)
    return { granted: false, freeAtMs: record.probeAtMs ?? record.closedUntilMs ?? nowMs };
  const counting = occupied(record, nowMs);
  if (request.isReader) {
    const ofReaders = counting.filter(([id]) => id.startsWith(READER));
    const share = Math.max(1, request.limit - (record.reserved ?? 0));
    if (ofReaders.length >= share) return { granted: false, freeAtMs: endOf(ofReaders, share) };
  }
  const available = request.limit - request.held;
  if (counting.length >= available) {
    return { granted: false, freeAtMs: endOf(counting, available) };
  }
  return {
    granted: true,
    isProbe,
    permits: { ...Object.fromEntries(counting), [request.id]: request.occupiedUntilMs },
  };
}

/** Begins the id of a permit that a reader got. */
export const READER = 'reader-';

/** When fewer than `available` of these permits count. */
function endOf(permits: readonly (readonly [string, number])[], available: number): number {
  const ends = permits.map(([, untilMs]) => untilMs).sort((a, b) => a - b);
  return ends[permits.length - available] ?? 0;
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
