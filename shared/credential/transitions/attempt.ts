import type { FailureOutcome } from '../../failure/failures.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import type { Attempt, CredentialRecord, Doubt, PublicationState, Refusals } from '../credential.ts';

/** Takes the credential for one attempt. `instead`: an attempt past its lease whose result is known. */
export function begin(
  record: CredentialRecord,
  attempt: Attempt,
  instead?: string,
): CredentialRecord | undefined {
  if (record.attempt && record.attempt.id !== instead) return undefined;
  return { ...record, attempt, publication: withPending(record, attempt) };
}

/** A pair that is published by an attempt of its own has waited since then at least. */
function withPending({ publication }: CredentialRecord, { purpose, beganAtMs }: Attempt): PublicationState {
  if (purpose !== 'publish') return publication;
  return { ...publication, pendingSinceMs: publication.pendingSinceMs ?? beganAtMs };
}

/** Ends an attempt and changes nothing else. */
export function endAttempt(record: CredentialRecord, attempt: string): CredentialRecord | undefined {
  return record.attempt?.id === attempt ? { ...record, attempt: undefined } : undefined;
}

/**
 * An attempt is known to have stored nothing: makes way for a new one, remembers the doubt, and counts as a failure. The
 * first one in a row is tried again at once, because processes die for reasons of their own; after more of them
 * `pauseMs` (of how many in a row) goes by, so that a record that kills processes meets them ever more seldom. Refusals
 * before it no longer count: the provider may have taken the token meanwhile.
 */
export function clearTraceless(
  record: CredentialRecord,
  attempt: string,
  nowMs: number,
  pauseMs: (alike: number) => number = () => 0,
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt) return undefined;
  const { failure } = record;
  const alike = failure?.outcome === 'no-trace' ? (failure.alike ?? 0) + 1 : 1;
  const retryAtMs = alike === 1 ? nowMs : nowMs + pauseMs(alike - 1);
  return {
    ...record,
    attempt: undefined,
    refreshAtMs: retryAtMs,
    failure: {
      count: (failure?.count ?? 0) + 1,
      alike,
      sinceMs: failure?.sinceMs ?? record.attempt.beganAtMs,
      lastAtMs: nowMs,
      retryAtMs,
      outcome: 'no-trace',
      reason: 'no-trace',
    },
    doubt: { ...record.doubt, sinceMs: record.doubt?.sinceMs ?? record.attempt.beganAtMs },
    refusals: undefined,
  };
}

/** Ends an attempt that published, or failed to publish, the pair of `seen` as `seen` wants it. */
export function finish(
  record: CredentialRecord,
  attempt: string,
  seen: CredentialRecord,
  published: Published,
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt) return undefined;
  const ended = { ...record, attempt: undefined };
  if (!isPublishedAlike(record, seen)) return ended;
  const { publication } = record;
  if (published.ok) {
    const settled = {
      retryAtMs: undefined,
      pendingSinceMs: undefined,
      reason: undefined,
      formerLanes: publication.formerLanes?.filter((lanes) => !seen.publication.formerLanes?.includes(lanes)),
    };
    return { ...ended, publication: { ...publication, ...settled, generation: seen.generation } };
  }
  const { retryAtMs, reason } = published;
  const pendingSinceMs = publication.pendingSinceMs ?? record.attempt.beganAtMs;
  return { ...ended, publication: { ...publication, retryAtMs, pendingSinceMs, reason } };
}

/**
 * A publish that took `seen` as it was, and came to its end after others had gone on, may lie over theirs: what is current
 * is published anew.
 */
export function publishAgain(record: CredentialRecord, seen: CredentialRecord): CredentialRecord | undefined {
  const { state, publish, publication, generation } = record;
  if (state === 'removed' || publish === 'none' || isPublishedAlike(record, seen)) return undefined;
  return { ...record, publication: unpublished(publication, generation) };
}

/** The current pair counts as not published, and what is published from now on as another value. */
export function unpublished(publication: PublicationState, generation: number): PublicationState {
  return {
    ...publication,
    generation: Math.min(publication.generation, generation - 1),
    changes: (publication.changes ?? 0) + 1,
  };
}

/** What became of a publish. */
export type Published =
  | { readonly ok: true }
  | { readonly ok: false; readonly retryAtMs: number; readonly reason: FailureReason };

/** False once there is another pair, another `publish`, or another seal: what is in the lane is not what is wanted. */
function isPublishedAlike(a: CredentialRecord, b: CredentialRecord): boolean {
  return (
    a.generation === b.generation &&
    a.publication.changes === b.publication.changes &&
    a.pair?.sealedAccess === b.pair?.sealedAccess &&
    a.pair?.sealedRefresh === b.pair?.sealedRefresh
  );
}

export interface FailedAttempt {
  readonly outcome: FailureOutcome;
  readonly reason: FailureReason;
  readonly atMs: number;
  readonly retryAtMs: number;
  /** The refresh token may have been spent. */
  readonly doubt?: Doubt;
  /** The provider refused the refresh token. */
  readonly refused?: boolean;
}

/** Ends an attempt (or, without one, a refresh that could not begin) that brought no pair. */
export function fail(
  record: CredentialRecord,
  failed: FailedAttempt,
  attempt?: Pick<Attempt, 'id' | 'generation'>,
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt?.id) return undefined;
  if (!attempt && record.failure?.lastAtMs === failed.atMs) return undefined;
  const ended = { ...record, attempt: undefined };
  if (attempt && record.generation !== attempt.generation) return ended;
  // What an operator tried of a lapsed credential brought nothing: it stays as it was.
  if (record.state === 'lapsed') return attempt && ended;
  const isUntouched = failed.doubt === undefined;
  // A forced refresh that touched nothing leaves the promise to readers, and a schedule that is well, as they were.
  const keptUntilMs = record.failure ? (record.pair?.refreshAfterMs ?? 0) : record.refreshAtMs;
  const early = isUntouched && failed.atMs < keptUntilMs;
  // A report that led to nothing is not answered: the next one counts again.
  const isReportOpen =
    isUntouched && record.attempt && record.reports.renewedAtMs === record.attempt.beganAtMs;
  return {
    ...ended,
    reports: isReportOpen ? { ...record.reports, renewedAtMs: undefined } : record.reports,
    refreshAtMs: early ? record.refreshAtMs : failed.retryAtMs,
    doubt: failed.doubt
      ? { ...failed.doubt, sinceMs: record.doubt?.sinceMs ?? failed.doubt.sinceMs }
      : record.doubt,
    refusals: failed.refused ? refusedAgain(record, failed.atMs) : record.refusals,
    failure: {
      count: (record.failure?.count ?? 0) + 1,
      alike: record.failure?.outcome === failed.outcome ? (record.failure.alike ?? 0) + 1 : 1,
      sinceMs: record.failure?.sinceMs ?? failed.atMs,
      lastAtMs: failed.atMs,
      retryAtMs: failed.retryAtMs,
      outcome: failed.outcome,
      reason: failed.reason,
    },
  };
}

function refusedAgain({ refusals }: CredentialRecord, atMs: number): Refusals {
  return { count: (refusals?.count ?? 0) + 1, firstAtMs: refusals?.firstAtMs ?? atMs, lastAtMs: atMs };
}

/**
 * The refresh token is of no more use, but the credential can log in: so it will, at once, or at `failed`'s time if
 * the attempt counts as a failure.
 */
export function forgetRefreshToken(
  record: CredentialRecord,
  attempt: Pick<Attempt, 'id' | 'generation'>,
  nowMs: number,
  failed?: FailedAttempt,
): CredentialRecord | undefined {
  if (record.attempt?.id !== attempt.id) return undefined;
  const ended = { ...record, attempt: undefined };
  if (record.generation !== attempt.generation || !record.pair) return ended;
  const next = failed ? fail(record, failed, attempt) : { ...ended, refreshAtMs: nowMs };
  const pair = { ...record.pair, sealedRefresh: undefined, refreshTokenExpiresAtMs: undefined };
  return next && { ...next, pair, doubt: undefined, refusals: undefined };
}
