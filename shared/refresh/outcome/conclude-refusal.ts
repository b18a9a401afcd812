import { applyTransition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord } from '../../credential/credential.ts';
import { forgetRefreshToken } from '../../credential/transitions/attempt.ts';
import { noteClientRefused } from '../../credential/transitions/notes.ts';
import type { FailureOutcome } from '../../failure/failures.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import type { ResultReason } from '../../failure/refresh-results.ts';
import { canLogIn } from '../../token-endpoint/grant.ts';
import type { Outcome } from '../../token-endpoint/token-endpoint.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { retryAtMs } from './backoff.ts';
import { backToPrevious } from './end-chain.ts';
import { noteFailure } from './note-failure.ts';
import { refusedToken } from './refused-token.ts';

/** So many refusals of a client in a row are no passing trouble: from then on it is asked hourly. */
const PASSING_REFUSALS = 5;
/** The same of a login: a provider may lock the account of a user whose password is wrong. */
const PASSING_LOGINS = 2;
type Refusal = Extract<Outcome, { kind: 'refused-grant' | 'refused-client' | 'refused' }>;

/**
 * The provider refuses something: the refresh token or the login, the client or what it asks for, or it does not say
 * what. Each may be meant for a client secret that was replaced: RFC 6749 §5.2 has `invalid_grant` for a token of
 * another client too.
 */
export async function concludeRefusal(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: Refusal,
): Promise<RefreshResult> {
  const { reason } = outcome;
  if (await wasStaleClient(context, record)) return withNewClient(context, record, attempt, reason);
  if (refusesClient(outcome) && context.clientSecrets.useOther(record)) {
    const nowMs = context.clock.nowMs();
    await applyTransition(context, record.credential, (now) => noteClientRefused(now, nowMs));
    return withNewClient(context, record, attempt, reason);
  }
  if (canLogInInstead(record, outcome)) return logInInstead(context, record, attempt, reason);
  switch (outcome.kind) {
    case 'refused-grant':
      if (!canLogIn(record.grant)) return refusedToken(context, record, attempt, reason);
      return (
        (await backToPrevious(context, record, attempt)) ??
        refusedLater(context, record, attempt, outcome, PASSING_LOGINS)
      );
    case 'refused-client':
      return refusedLater(context, record, attempt, outcome, PASSING_REFUSALS);
    case 'refused':
      return noteFailure(
        context,
        record,
        attempt,
        outcome,
        retryAtMs(context, record, outcome.retryAfterSeconds),
      );
  }
}

/** Somebody must change something, if it goes on: within minutes at first, then hourly. */
function refusedLater(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: { readonly kind: FailureOutcome; readonly reason: FailureReason },
  passing: number,
): Promise<RefreshResult> {
  const { failure } = record;
  const before = failure?.outcome === outcome.kind ? (failure.alike ?? 0) : 0;
  const againAtMs =
    before < passing
      ? retryAtMs(context, record)
      : context.clock.nowMs() + context.timing.misconfiguredRetryMs;
  return noteFailure(context, record, attempt, outcome, againAtMs);
}

/** What a server may answer to a refresh token that it does not take, or to a grant that it does not offer. */
const REFUSES_THE_REFRESH: ReadonlySet<string> = new Set([
  'unsupported_grant_type',
  'unauthorized_client',
  'invalid_request',
  'invalid_scope',
  'invalid_token',
  'access_denied',
  'http-400',
  'http-401',
  'http-403',
]);

/** What may be meant for the proof of the client, and for nothing else. */
function refusesClient({ kind, reason }: Refusal): boolean {
  return CLIENT_REASONS.has(reason) && kind !== 'refused-grant';
}

const CLIENT_REASONS: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'http-401']);

/** True if the refresh token is what is refused, or may be, and a login does not need it. */
function canLogInInstead({ grant, pair }: CredentialRecord, { kind, reason }: Refusal): boolean {
  if (!canLogIn(grant) || pair?.sealedRefresh === undefined) return false;
  return kind === 'refused-grant' || REFUSES_THE_REFRESH.has(reason);
}

/** True if this container posted a client secret that has been replaced. */
async function wasStaleClient({ clientSecrets }: RefreshContext, record: CredentialRecord): Promise<boolean> {
  return clientSecrets.changed(record).catch(() => false);
}

/** The new client secret is in memory now. Nothing was spent: at once. */
function withNewClient(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: FailureReason,
): Promise<RefreshResult> {
  return noteFailure(context, record, attempt, { kind: 'stale-client', reason }, context.clock.nowMs());
}

/** A login replaces the refresh token. */
async function logInInstead(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: ResultReason,
): Promise<RefreshResult> {
  const nowMs = context.clock.nowMs();
  await applyTransition(context, record.credential, (now) => forgetRefreshToken(now, attempt, nowMs));
  return { result: 'failed', reason, againAtMs: nowMs };
}
