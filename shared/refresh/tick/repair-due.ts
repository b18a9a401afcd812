import type { Timing } from '../../config/timing.ts';
import { applyTransition, type Transition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord } from '../../credential/credential.ts';
import { indexed } from '../../credential/indexed.ts';
import type { RefreshContext } from '../context.ts';

/** What is further in the future than this many ticks was written by a clock that has been set back since. */
const AHEAD_TICKS = 0.5;

/** True if a moment of the past is so far ahead of the clock. */
export function isSetBack(aheadMs: number, { tickMs }: Timing): boolean {
  return aheadMs > AHEAD_TICKS * tickMs;
}

/**
 * Makes due what the index would hold back: a record whose due time is missing or too late, and what the clock before it
 * was set back has written: a lease that would never seem to end, a token whose end is nearer than this clock says.
 * Rejects with `StoreUnavailableError`.
 */
export async function repairDue(
  context: RefreshContext,
  records: readonly CredentialRecord[],
): Promise<void> {
  const { clock, timing, log } = context;
  const repair: Transition = (record) =>
    broughtBack(record, clock.nowMs(), timing) ?? (isOverlooked(record, timing) ? { ...record } : undefined);
  for (const record of records) {
    if (!repair(record)) continue;
    log.error('due time repaired', { credential: record.credential });
    await applyTransition(context, record.credential, repair);
  }
}

function isOverlooked(record: CredentialRecord, timing: Timing): boolean {
  const { dueAtMs } = indexed(record, timing);
  return dueAtMs !== undefined && (record.dueAtMs === undefined || record.dueAtMs > dueAtMs);
}

/** The record by the clock of now: its attempt as if it had just begun, its token due. Undefined: it is not from ahead. */
function broughtBack(record: CredentialRecord, nowMs: number, timing: Timing): CredentialRecord | undefined {
  const { state, mode, pair, failure, attempt, refreshAtMs } = record;
  if (attempt) {
    const aheadMs = attempt.beganAtMs - nowMs;
    return isSetBack(aheadMs, timing) ? { ...record, attempt: earlier(attempt, aheadMs) } : undefined;
  }
  const isFresh = state === 'active' && mode === 'fresh' && !failure && pair?.sealedAccess;
  if (!isFresh || refreshAtMs <= nowMs || !isSetBack(pair.issuedAtMs - nowMs, timing)) return undefined;
  return { ...record, refreshAtMs: nowMs };
}

function earlier(attempt: Attempt, byMs: number): Attempt {
  const { beganAtMs, storeByMs, leaseUntilMs } = attempt;
  return {
    ...attempt,
    beganAtMs: beganAtMs - byMs,
    storeByMs: storeByMs - byMs,
    leaseUntilMs: leaseUntilMs - byMs,
  };
}
