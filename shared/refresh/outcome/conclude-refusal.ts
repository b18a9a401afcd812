import { applyTransition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord } from '../../credential/credential.ts';
import { forgetRefreshToken } from '../../credential/transitions/attempt.ts';
import type { FailureOutcome } from '../../failure/failures.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import type { ResultReason } from '../../failure/refresh-results.ts';
import type { Outcome } from '../../token-endpoint/token-endpoint.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { retryAtMs } from './backoff.ts';
import { endChain } from './end-chain.ts';
import { noteFailure } from './note-failure.ts';

/** So often may a status that says nothing of the client be a moment's trouble of a proxy. */
const PASSING_TIMES = 2;

type Refusal = Extract<Outcome, { kind: 'refused-grant' | 'refused-client' }>;

/**
 * The provider refuses something: the refresh token or the login, or the client or what it asks for. Either may be
 * meant for a client secret that was replaced: RFC 6749 §5.2 has `invalid_grant` for a token of another client too.
 */
export async function concludeRefusal(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  { kind, reason }: Refusal,
): Promise<RefreshResult> {
  if (await wasStaleClient(context, record)) return withNewClient(context, record, attempt, reason);
  const conclude = kind === 'refused-grant' ? refusedGrant : refusedClient;
  return conclude(context, record, attempt, reason);
}

async function refusedGrant(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: FailureReason,
): Promise<RefreshResult> {
  if (record.grant === 'refresh_token') return endChain(context, record, 'grant-refused', attempt);
  if (!record.pair?.sealedRefresh) return misconfigured(context, record, attempt, 'refused-grant', reason);
  return logInInstead(context, record, attempt, 'refused-grant');
}

async function refusedClient(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: FailureReason,
): Promise<RefreshResult> {
  const canLogIn = record.grant !== 'refresh_token' && record.pair?.sealedRefresh !== undefined;
  if (canLogIn && REFUSES_THE_REFRESH.has(reason)) return logInInstead(context, record, attempt, reason);
  if (BARE_STATUS.test(reason) && (record.failure?.count ?? 0) < PASSING_TIMES) {
    return noteFailure(context, record, attempt, { kind: 'refused', reason }, retryAtMs(context, record));
  }
  return misconfigured(context, record, attempt, 'refused-client', reason);
}

/** A status without an OAuth error code. */
const BARE_STATUS = /^http-\d{3}$/;

/** What a server may answer to a refresh token that it does not take, or to a grant that it does not offer. */
const REFUSES_THE_REFRESH: ReadonlySet<string> = new Set([
  'unsupported_grant_type',
  'unauthorized_client',
  'invalid_request',
  'invalid_token',
  'access_denied',
  'http-400',
  'http-401',
  'http-403',
]);

/** True if this container posted a client secret that has been replaced. */
async function wasStaleClient(
  { clientSecrets }: RefreshContext,
  { credential }: CredentialRecord,
): Promise<boolean> {
  return clientSecrets.changed(credential).catch(() => false);
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

function misconfigured(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  kind: FailureOutcome,
  reason: FailureReason,
): Promise<RefreshResult> {
  const againAtMs = context.clock.nowMs() + context.timing.misconfiguredRetryMs;
  return noteFailure(context, record, attempt, { kind, reason }, againAtMs);
}
