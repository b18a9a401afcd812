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
  record: Pick<QuotaRecord, 'permits' | 'closedUntilMs' | 'probeAtMs'>,
  request: {
    readonly id: string;
    readonly occupiedUntilMs: number;
    readonly limit: number;
    readonly held: number;
  },
  nowMs: number,
): PermitDecision {
  const isClosed = record.closedUntilMs !== undefined && nowMs < record.closedUntilMs;
  const isProbe = isClosed && record.probeAtMs !== undefined && nowMs >= record.probeAtMs;
  if (isClosed && !isProbe)
    return { granted: false, freeAtMs: record.probeAtMs ?? record.closedUntilMs ?? nowMs };
  const counting = occupied(record, nowMs);
  const available = request.limit - request.held;
  if (counting.length >= available) {
    const ends = counting.map(([, untilMs]) => untilMs).sort((a, b) => a - b);
    return { granted: false, freeAtMs: ends[counting.length - available] ?? nowMs };
  }
  return {
    granted: true,
    isProbe,
    permits: { ...Object.fromEntries(counting), [request.id]: request.occupiedUntilMs },
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
