import {
  type Attempt,
  type CredentialRecord,
  keptBy,
  type Lapse,
  type SealedPair,
  scheduledAtMs,
} from './credential.ts';

/**
 * The moves of a credential, each a pure function from one record to the next, or undefined when there is
 * nothing to do (it was done already, or somebody else decided otherwise). Doing a move twice is harmless:
 * a write that was resent, or applied again after a lost race, changes nothing.
 */
export type Move = (record: CredentialRecord) => CredentialRecord | undefined;

const MAX_SPARES = 4;
const MAX_ADOPTED = 8;

/** Takes the credential for one attempt. `instead`: an attempt past its lease whose result is known. */
export function begin(
  record: CredentialRecord,
  attempt: Attempt,
  instead?: string,
): CredentialRecord | undefined {
  if (record.attempt && record.attempt.id !== instead) return undefined;
  return { ...record, attempt };
}

/** An attempt is known to have stored nothing: makes way for a new one, and remembers the doubt. */
export function clearTraceless(
  record: CredentialRecord,
  attempt: string,
  nowMs: number,
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt) return undefined;
  return {
    ...record,
    attempt: undefined,
    refreshAtMs: nowMs,
    doubtSinceMs: record.doubtSinceMs ?? record.attempt.beganAtMs,
  };
}

/**
 * Stores the pair of an attempt. It becomes current if the ledger still stands at the generation before it
 * (whoever began an attempt meanwhile: a late answer wins), else it is put aside as a spare (I3).
 */
export function keep(
  record: CredentialRecord,
  pair: SealedPair,
  lanes: number,
): CredentialRecord | undefined {
  if (record.state === 'removed' || isKnown(record, pair)) return undefined;
  if (record.chain !== pair.chain || record.generation !== pair.generation - 1) {
    return { ...record, spares: [...record.spares, pair].slice(-MAX_SPARES) };
  }
  return {
    ...record,
    state: record.state === 'lapsed' ? 'active' : record.state,
    pair,
    generation: pair.generation,
    lanes: Math.max(record.lanes, lanes),
    refreshAtMs: scheduledAtMs(record.mode, pair),
    publishRetryAtMs: undefined,
    doubtSinceMs: undefined,
    quietUntilMs: undefined,
    failure: undefined,
    lapse: undefined,
  };
}

/**
 * Makes `pair` current, which was `found` elsewhere. Its attempt is remembered, so that it happens once,
 * and ends if it is the unresolved one, as does the caller's own attempt `ending`.
 */
export function adopt(
  record: CredentialRecord,
  found: SealedPair,
  pair: SealedPair,
  lanes: number,
  ending?: string,
): CredentialRecord | undefined {
  const kept = keep({ ...record, spares: without(record.spares, found) }, pair, lanes);
  if (kept?.pair !== pair) return undefined;
  const ended = [found.attempt, ending].includes(kept.attempt?.id);
  return {
    ...kept,
    attempt: ended ? undefined : kept.attempt,
    adopted: [...record.adopted, found.attempt].slice(-MAX_ADOPTED),
  };
}

/**
 * Brings a ledger that is behind (restored from a backup) up to a pair that the vault had: of whatever chain, if it is
 * newer. An attempt in flight goes first; one whose lease is over belongs to the past,
 * as does the caller's own, `ending`.
 */
export function recoverTo(
  record: CredentialRecord,
  pair: SealedPair,
  nowMs: number,
  ending?: string,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.generation >= pair.generation) return undefined;
  const { attempt } = record;
  if (attempt && attempt.id !== ending && nowMs < attempt.leaseUntilMs) return undefined;
  return {
    ...record,
    state: record.state === 'lapsed' ? 'active' : record.state,
    chain: pair.chain,
    generation: pair.generation,
    pair,
    publishedGeneration: pair.generation - 1,
    publishRetryAtMs: undefined,
    refreshAtMs: scheduledAtMs(record.mode, pair),
    attempt: undefined,
    doubtSinceMs: undefined,
    quietUntilMs: undefined,
    failure: undefined,
    lapse: undefined,
  };
}

/** Ends an attempt that published, or failed to publish, `generation`. */
export function finish(
  record: CredentialRecord,
  attempt: string,
  generation: number,
  published: { readonly ok: true } | { readonly ok: false; readonly retryAtMs: number },
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt) return undefined;
  const ended = { ...record, attempt: undefined };
  if (record.generation !== generation) return ended;
  return published.ok
    ? { ...ended, publishedGeneration: generation, publishRetryAtMs: undefined }
    : { ...ended, publishRetryAtMs: published.retryAtMs };
}

export interface FailedAttempt {
  readonly outcome: string;
  readonly reason: string;
  readonly atMs: number;
  readonly retryAtMs: number;
  /** The refresh token may have been spent, since then. */
  readonly doubtSinceMs?: number;
  readonly quietUntilMs?: number;
}

/** Ends an attempt (or, without one, a refresh that could not begin) that brought no pair. */
export function fail(
  record: CredentialRecord,
  failed: FailedAttempt,
  attempt?: Pick<Attempt, 'id' | 'generation'>,
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt?.id) return undefined;
  const ended = { ...record, attempt: undefined };
  if (attempt && record.generation !== attempt.generation) return ended;
  // A forced refresh that touched nothing leaves the promise to readers as it was.
  const early = failed.doubtSinceMs === undefined && failed.atMs < record.refreshAtMs;
  return {
    ...ended,
    refreshAtMs: early ? record.refreshAtMs : failed.retryAtMs,
    doubtSinceMs: record.doubtSinceMs ?? failed.doubtSinceMs,
    quietUntilMs: failed.quietUntilMs ?? record.quietUntilMs,
    failure: {
      count: (record.failure?.count ?? 0) + 1,
      sinceMs: record.failure?.sinceMs ?? failed.atMs,
      lastAtMs: failed.atMs,
      outcome: failed.outcome,
      reason: failed.reason,
    },
  };
}

/** The provider no longer takes the refresh token, but the credential can log in: so it will, at once. */
export function forgetRefreshToken(
  record: CredentialRecord,
  attempt: Pick<Attempt, 'id' | 'generation'>,
  nowMs: number,
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt.id) return undefined;
  const ended = { ...record, attempt: undefined };
  if (record.generation !== attempt.generation || !record.pair) return ended;
  return {
    ...ended,
    pair: { ...record.pair, sealedRefresh: undefined, refreshTokenExpiresAtMs: undefined },
    refreshAtMs: nowMs,
  };
}

/** Ends the chain at `generation` (I6: the caller has looked for other results before). */
export function lapse(
  record: CredentialRecord,
  generation: number,
  why: Omit<Lapse, 'afterUnknown'>,
  attempt?: string,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.state === 'lapsed') return undefined;
  if (record.attempt && record.attempt.id !== attempt) return undefined;
  if (record.generation !== generation) return { ...record, attempt: undefined };
  return {
    ...record,
    state: 'lapsed',
    attempt: undefined,
    lapse: { ...why, afterUnknown: record.doubtSinceMs !== undefined },
  };
}

/** Pairs of this chain that were put aside and not tried yet, the latest first. */
export function sparesOf(record: CredentialRecord): readonly SealedPair[] {
  return record.spares
    .filter((spare) => spare.chain === record.chain && !isTried(record, spare))
    .toReversed();
}

/** True if the pair is or was current: adopting it would bring back a spent token. */
export function isTried(record: CredentialRecord, pair: SealedPair): boolean {
  return keptBy(record, pair.attempt) || record.adopted.includes(pair.attempt);
}

function isKnown(record: CredentialRecord, pair: SealedPair): boolean {
  return isTried(record, pair) || record.spares.some((spare) => spare.attempt === pair.attempt);
}

function without(spares: readonly SealedPair[], pair: SealedPair): readonly SealedPair[] {
  return spares.filter((spare) => spare.attempt !== pair.attempt);
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
