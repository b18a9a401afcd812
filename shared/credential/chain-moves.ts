import type { CredentialRecord, Lapse, SealedPair } from './credential.ts';
import { withPast } from './pair-moves.ts';

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

/** Starts a new chain (a reseed): the old chain's pair, failures and end are gone, its spares stay aside. */
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
