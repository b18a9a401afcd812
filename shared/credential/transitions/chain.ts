import { type CredentialRecord, type Lapse, SETTLED, type SealedPair, type SetAside } from '../credential.ts';
import { scheduledAtMs } from '../schedule.ts';
import { withPast } from './pair.ts';

/** Ends the chain at `generation` (I6: the caller has looked for other results before). */
export function lapse(
  record: CredentialRecord,
  generation: number,
  why: Omit<Lapse, 'afterUnknown'>,
  attempt?: string,
): CredentialRecord | undefined {
  if (record.state === 'removed') return undefined;
  if (record.attempt && record.attempt.id !== attempt) return undefined;
  if (record.generation !== generation) return record.attempt && { ...record, attempt: undefined };
  // It had lapsed already, and an operator's attempt to undo that has ended: told once, with the latest reason.
  if (record.lapse) {
    if (record.lapse.reason === why.reason) return record.attempt && { ...record, attempt: undefined };
    return { ...record, attempt: undefined, lapse: { ...record.lapse, reason: why.reason } };
  }
  return {
    ...record,
    state: 'lapsed',
    attempt: undefined,
    lapse: { ...why, afterUnknown: record.doubt !== undefined },
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
    aside: { ...record.aside, previous: previousOf(record), past: withPast(record), unreadable: undefined },
    refreshAtMs: nowMs,
    publication: { ...record.publication, generation: pair.generation, retryAtMs: undefined },
    ...SETTLED,
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
  const { previous } = record.aside;
  if (!previous || record.chain !== chain || record.state === 'removed') return undefined;
  if (record.attempt && record.attempt.id !== attempt) return undefined;
  const { pair, publishedGeneration } = previous;
  return {
    ...record,
    chain: pair.chain,
    pair,
    aside: { ...record.aside, previous: undefined, unreadable: undefined },
    refreshAtMs: scheduledAtMs(record.mode, pair),
    publication: { ...record.publication, generation: publishedGeneration },
    ...SETTLED,
  };
}

/** Only a chain whose refresh token is surely unspent can be gone back to. */
function previousOf(record: CredentialRecord): SetAside['previous'] {
  const { pair, state, attempt, doubt, publication, aside } = record;
  if (state === 'lapsed' || state === 'removed' || !pair) return undefined;
  // A seed that has brought nothing yet is not worth it; what it replaced is.
  if (!pair.sealedAccess) return aside.previous;
  if (attempt?.purpose === 'refresh' || doubt || !pair.sealedRefresh) return undefined;
  return { pair, publishedGeneration: publication.generation };
}
