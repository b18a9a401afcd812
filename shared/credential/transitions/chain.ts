import { type CredentialRecord, type Lapse, type SealedPair, scheduledAtMs } from '../credential.ts';
import { withPast } from './pair.ts';

/** Ends the chain at `generation` (I6: the caller has looked for other results before). */
export function lapse(
  record: CredentialRecord,
  generation: number,
  why: Omit<Lapse, 'afterUnknown'>,
  attempt?: string,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.state === 'lapsed') return undefined;
  if (record.attempt && record.attempt.id !== attempt) return undefined;
  if (record.generation !== generation) return record.attempt && { ...record, attempt: undefined };
  return {
    ...record,
    state: 'lapsed',
    attempt: undefined,
    lapse: { ...why, afterUnknown: record.doubtSinceMs !== undefined },
  };
}

/**
 * Starts a new chain (a reseed): the old chain's failures and end are gone, its spares stay aside, and so does its
 * pair while it is good.
 */
export function startChain(
  record: CredentialRecord,
  pair: SealedPair,
  nowMs: number,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.chain === pair.chain) return undefined;
  return {
    ...record,
    state: 'active',
    chain: pair.chain,
    pair,
    previous: previousOf(record),
    past: withPast(record),
    refreshAtMs: nowMs,
    publishedGeneration: pair.generation,
    publishRetryAtMs: undefined,
    attempt: undefined,
    doubtSinceMs: undefined,
    quietUntilMs: undefined,
    failure: undefined,
    lapse: undefined,
    unreadable: undefined,
  };
}

/**
 * Goes back to the chain before the reseed, whose refresh token brought nothing. It stays active as the reseed made it,
 * or paused if somebody did that since. `attempt`: the caller's own.
 */
export function goBack(
  record: CredentialRecord,
  chain: string,
  attempt?: string,
): CredentialRecord | undefined {
  const { previous } = record;
  if (!previous || record.chain !== chain || record.state === 'removed') return undefined;
  if (record.attempt && record.attempt.id !== attempt) return undefined;
  const { pair, publishedGeneration } = previous;
  return {
    ...record,
    chain: pair.chain,
    pair,
    previous: undefined,
    refreshAtMs: scheduledAtMs(record.mode, pair),
    publishedGeneration,
    attempt: undefined,
    doubtSinceMs: undefined,
    quietUntilMs: undefined,
    failure: undefined,
    unreadable: undefined,
  };
}

/** Only a chain whose refresh token is surely unspent can be gone back to. */
function previousOf(record: CredentialRecord): CredentialRecord['previous'] {
  const { pair, state, attempt, doubtSinceMs, publishedGeneration, previous } = record;
  if (state === 'lapsed' || state === 'removed' || !pair) return undefined;
  // A seed that has brought nothing yet is not worth it; what it replaced is.
  if (!pair.sealedAccess) return previous;
  if (attempt?.purpose === 'refresh' || doubtSinceMs !== undefined || !pair.sealedRefresh) return undefined;
  return { pair, publishedGeneration };
}
