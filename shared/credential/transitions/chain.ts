import {
  type CredentialRecord,
  isAnsweredUnread,
  type Lapse,
  type PreviousChain,
  SETTLED,
  type SealedPair,
  type SetAside,
} from '../credential.ts';
import { scheduledAtMs } from '../schedule.ts';
import { withPast } from './pair.ts';

/**
 * Ends the chain at `generation` (I6: the caller has looked for other results before). Where an answer is kept that
 * nobody could read, a refusal of the token it was given for says no more than that: the successor may be in it.
 */
export function lapse(
  record: CredentialRecord,
  generation: number,
  why: Omit<Lapse, 'afterUnknown'>,
  attempt?: string,
): CredentialRecord | undefined {
  if (record.state === 'removed') return undefined;
  if (record.attempt && record.attempt.id !== attempt) return undefined;
  if (record.generation !== generation) return record.attempt && { ...record, attempt: undefined };
  const reason = isAnsweredUnread(record) ? 'answer-unreadable' : why.reason;
  // It had lapsed already, and an operator's attempt to undo that has ended: told once, with the latest reason.
  if (record.lapse) {
    if (!record.attempt && record.lapse.reason === reason) return undefined;
    const { count = 0, firstAtMs = why.atMs } = record.refusals ?? {};
    return {
      ...record,
      attempt: undefined,
      lapse: { ...record.lapse, reason },
      // The provider has its quiet time before the next one.
      ...(record.attempt && { refusals: { count: count + 1, firstAtMs, lastAtMs: why.atMs } }),
    };
  }
  return {
    ...record,
    state: 'lapsed',
    attempt: undefined,
    lapse: { ...why, reason, afterUnknown: record.doubt !== undefined },
  };
}

/** So many chains without a pair are remembered one behind the other. */
const MOST_PREVIOUS = 4;

/**
 * Starts a new chain (a reseed): the old chain's failures and end are gone from the record, its spares stay aside, and
 * so does everything that going back to it needs.
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
    aside: { ...record.aside, previous: previousOf(record), past: withPast(record) },
    refreshAtMs: nowMs,
    publication: { ...record.publication, generation: pair.generation, retryAtMs: undefined },
    ...SETTLED,
  };
}

/**
 * Goes back to the chain before the reseed, whose refresh token brought nothing. It stays active as the reseed made it,
 * paused if somebody did that since, or lapsed if the chain before had ended. What was known of its refresh token is
 * known again, an attempt without a trace too. `attempt`: the caller's own.
 */
export function goBack(
  record: CredentialRecord,
  chain: string,
  attempt?: string,
): CredentialRecord | undefined {
  const { previous } = record.aside;
  if (!previous || record.chain !== chain || record.state === 'removed') return undefined;
  if (record.attempt && record.attempt.id !== attempt) return undefined;
  const { pair, publishedGeneration, before, doubt, refusals, lapse: ended } = previous;
  const state = record.state === 'lapsed' ? 'active' : record.state;
  const isOver = isAnsweredUnread({ ...record, chain: pair.chain });
  return {
    ...record,
    chain: pair.chain,
    pair,
    aside: { ...record.aside, previous: before },
    refreshAtMs: pair.sealedAccess && !isOver ? scheduledAtMs(record.mode, pair) : pair.issuedAtMs,
    publication: { ...record.publication, generation: publishedGeneration },
    ...SETTLED,
    state: ended ? 'lapsed' : state,
    attempt: previous.attempt,
    doubt,
    refusals,
    lapse: ended,
  };
}

/** Everything of the chain that is worth going back to: one that has a refresh token, however it stands. */
function previousOf(record: CredentialRecord): SetAside['previous'] {
  const { pair, attempt, doubt, refusals, lapse: ended, publication, aside } = record;
  if (!pair?.sealedRefresh) return aside.previous;
  const isUntraced = attempt?.purpose === 'refresh' && attempt.generation === record.generation;
  return {
    pair,
    publishedGeneration: publication.generation,
    ...(isUntraced && { attempt }),
    ...(doubt && { doubt }),
    ...(refusals && { refusals }),
    ...(ended && { lapse: ended }),
    ...(aside.previous && { before: shortened(aside.previous, MOST_PREVIOUS - 1) }),
  };
}

/** The oldest chain that has brought a pair is the one that readers are served from: it is never what is left out. */
function shortened(chain: PreviousChain, most: number): PreviousChain {
  if (!chain.before) return chain;
  if (most > 1) return { ...chain, before: shortened(chain.before, most - 1) };
  let oldest = chain.before;
  while (oldest.before) oldest = oldest.before;
  return oldest;
}
