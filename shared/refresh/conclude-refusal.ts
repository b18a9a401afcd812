import { forgetRefreshToken } from '../credential/attempt-moves.ts';
import type { Attempt, CredentialRecord } from '../credential/credential.ts';
import { move } from '../credential/move.ts';
import type { RefreshContext, Refreshed } from './context.ts';
import { endChain } from './end-chain.ts';
import { noteFailure } from './note-failure.ts';

/** The provider does not take the refresh token, or the login. */
export async function concludeRefusedGrant(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: string,
): Promise<Refreshed> {
  if (record.grant === 'refresh_token') return endChain(context, record, 'grant-refused', attempt);
  if (!record.pair?.sealedRefresh) return misconfigured(context, record, attempt, 'refused-grant', reason);
  return logInInstead(context, record, attempt, 'refused-grant');
}

/** The provider does not take the client, or what it asks for. A client secret that was changed meanwhile is tried at once. */
export async function concludeRefusedClient(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: string,
): Promise<Refreshed> {
  const nowMs = context.clock.nowMs();
  if (await context.clientSecrets.changed(record.credential).catch(() => false)) {
    return noteFailure(context, record, attempt, { kind: 'refused-client', reason }, nowMs);
  }
  const canLogIn = record.grant !== 'refresh_token' && record.pair?.sealedRefresh !== undefined;
  if (canLogIn && REFUSES_THE_REFRESH.has(reason)) return logInInstead(context, record, attempt, reason);
  return misconfigured(context, record, attempt, 'refused-client', reason);
}

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

/** A login replaces the refresh token. */
async function logInInstead(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: string,
): Promise<Refreshed> {
  const nowMs = context.clock.nowMs();
  await move(context, record.credential, (now) => forgetRefreshToken(now, attempt, nowMs));
  return { result: 'failed', reason, againAtMs: nowMs };
}

function misconfigured(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  kind: string,
  reason: string,
): Promise<Refreshed> {
  const againAtMs = context.clock.nowMs() + context.timing.misconfiguredRetryMs;
  return noteFailure(context, record, attempt, { kind, reason }, againAtMs);
}
