import type { Timing } from '../../config/timing.ts';
import { applyTransition, type Transition } from '../../credential/apply-transition.ts';
import {
  type Attempt,
  type CredentialRecord,
  type Failure,
  NEVER_MS,
  type SealedPair,
} from '../../credential/credential.ts';
import { indexed } from '../../credential/indexed.ts';
import { scheduledAtMs } from '../../credential/schedule.ts';
import type { RefreshContext } from '../context.ts';

/** What is further in the future than this many ticks was written by a clock that has been set back since. */
const AHEAD_TICKS = 0.5;

/** True if a moment of the past is so far ahead of the clock. */
export function isSetBack(aheadMs: number, { tickMs }: Timing): boolean {
  return aheadMs > AHEAD_TICKS * tickMs;
}

/**
 * Makes due what the index would hold back: a record whose due time is missing or too late, and what the clock before it
 * was set back has written: a lease or a back-off that would never seem to end, a token whose end is nearer than this
 * clock says.
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

/**
 * The record by the clock of now: what was noted ahead of it as if it had just been noted, and its token due. Undefined:
 * it is not from ahead.
 */
function broughtBack(record: CredentialRecord, nowMs: number, timing: Timing): CredentialRecord | undefined {
  const { state, attempt, failure, pair } = record;
  if (attempt) {
    const aheadMs = attempt.beganAtMs - nowMs;
    return isSetBack(aheadMs, timing) ? { ...record, attempt: earlier(attempt, aheadMs) } : undefined;
  }
  if (state !== 'active') return undefined;
  if (failure) {
    const aheadMs = failure.lastAtMs - nowMs;
    return isSetBack(aheadMs, timing) ? failedEarlier(record, failure, aheadMs) : undefined;
  }
  const aheadMs = (pair?.issuedAtMs ?? 0) - nowMs;
  if (!pair || record.refreshAtMs <= nowMs || !isSetBack(aheadMs, timing)) return undefined;
  const refreshAtMs = wantedAtMs(record, pair, nowMs, aheadMs);
  return refreshAtMs < record.refreshAtMs ? { ...record, refreshAtMs } : undefined;
}

/** How old a token is nobody can say; a chain on demand has two thirds of its life to spare. */
function wantedAtMs({ mode }: CredentialRecord, pair: SealedPair, nowMs: number, aheadMs: number): number {
  if (mode === 'fresh' || !pair.sealedAccess) return nowMs;
  const scheduledMs = scheduledAtMs(mode, pair);
  return scheduledMs < NEVER_MS ? scheduledMs - aheadMs : NEVER_MS;
}

/** Its back-off begins anew: how much of it is over nobody can say. */
function failedEarlier(record: CredentialRecord, failure: Failure, byMs: number): CredentialRecord {
  const { refreshAtMs, doubt, refusals } = record;
  const { lastAtMs, retryAtMs } = failure;
  const quietUntilMs = doubt?.quietUntilMs;
  return {
    ...record,
    refreshAtMs: refreshAtMs < NEVER_MS ? refreshAtMs - byMs : refreshAtMs,
    failure: {
      ...failure,
      lastAtMs: lastAtMs - byMs,
      ...(retryAtMs !== undefined && { retryAtMs: retryAtMs - byMs }),
    },
    ...(doubt && quietUntilMs !== undefined && { doubt: { ...doubt, quietUntilMs: quietUntilMs - byMs } }),
    ...(refusals && {
      refusals: {
        ...refusals,
        firstAtMs: refusals.firstAtMs - byMs,
        lastAtMs: refusals.lastAtMs - byMs,
      },
    }),
  };
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
