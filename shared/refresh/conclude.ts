import { type FailedAttempt, fail, forgetRefreshToken } from '../credential/attempt-moves.ts';
import type { Attempt, CredentialRecord } from '../credential/credential.ts';
import { type Move, move } from '../credential/move.ts';
import { errorFields } from '../log/log.ts';
import type { Outcome } from '../token-endpoint/token-endpoint.ts';
import { backoffMs, notPastThresholds } from './backoff.ts';
import type { RefreshContext, Refreshed } from './context.ts';
import { endChain } from './end-chain.ts';

const WRITE_AGAIN_MS = 500;

type FailedOutcome = Exclude<Outcome, { kind: 'success' }>;

/**
 * What follows from a post that brought no pair (the table of outcomes in docs/protocol.md). If the ledger
 * does not take it, the attempt stays unresolved, which is safe: it only costs the time of a lease.
 */
export async function concludeFailure(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: FailedOutcome,
): Promise<Refreshed> {
  const { credential } = record;
  const { log } = context;
  log.warn('token request failed', { credential, generation: attempt.generation, ...said(outcome) });
  try {
    switch (outcome.kind) {
      case 'refused-grant':
        return await refusedGrant(context, record, attempt, outcome.reason);
      case 'garbled':
        return await garbled(context, record, attempt, outcome);
      case 'throttled':
        return await throttled(context, record, attempt, outcome.retryAfterSeconds);
      case 'refused-client':
        return await refusedClient(context, record, attempt, outcome.reason);
      case 'not-sent':
      case 'unknown':
        return await retryLater(context, record, attempt, outcome);
    }
  } catch (error) {
    log.warn('outcome not noted', { credential, ...errorFields(error) });
    return { result: 'failed', reason: outcome.kind };
  }
}

async function refusedGrant(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: string,
): Promise<Refreshed> {
  if (record.grant === 'refresh_token') return endChain(context, record, 'grant-refused', attempt);
  if (!record.pair?.sealedRefresh) return misconfigured(context, record, attempt, 'refused-grant', reason);
  return logInInstead(context, record, attempt, 'refused-grant');
}

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

/** The answer is spent and cannot be had again: it is written down before anything else, as long as it takes. */
async function garbled(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: Extract<Outcome, { kind: 'garbled' }>,
): Promise<Refreshed> {
  const { credential, chain } = record;
  const { generation } = attempt;
  const sealedBody = await context.sealer.sealAnswer(outcome.body, { credential, chain, generation });
  const unreadable = { atMs: context.clock.nowMs(), chain, generation, sealedBody };
  const write: Move = (now) =>
    now.state === 'removed' || now.unreadable === unreadable ? undefined : { ...now, unreadable };
  while (!(await tried(() => move(context, credential, write)))) {
    if (context.clock.nowMs() >= attempt.storeByMs) break;
    await context.clock.sleep(WRITE_AGAIN_MS);
  }
  if (record.grant === 'refresh_token') return endChain(context, record, 'answer-unreadable', attempt);
  const atMs = context.clock.nowMs();
  const againAtMs =
    atMs + backoffMs((record.failure?.count ?? 0) + 1, context.timing, context.random.fraction());
  const failure = { outcome: outcome.kind, reason: 'answer-unreadable', atMs, retryAtMs: againAtMs };
  await move(context, credential, (now) => forgetRefreshToken(now, attempt, atMs, failure));
  return { result: 'failed', reason: outcome.kind, generation, againAtMs };
}

async function tried(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}

async function throttled(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  retryAfterSeconds: number | undefined,
): Promise<Refreshed> {
  const { clock, timing, quota } = context;
  const asked = retryAfterSeconds === undefined ? record.quota?.windowMs : retryAfterSeconds * 1000;
  const againAtMs = clock.nowMs() + Math.min(asked ?? timing.tickMs, timing.throttleMaxMs);
  await quota.close(record.quota, againAtMs);
  return failed(context, record, attempt, { kind: 'throttled', reason: 'http-429' }, againAtMs);
}

async function refusedClient(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: string,
): Promise<Refreshed> {
  const nowMs = context.clock.nowMs();
  if (await context.clientSecrets.changed(record.credential).catch(() => false)) {
    return failed(context, record, attempt, { kind: 'refused-client', reason }, nowMs);
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

function misconfigured(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  kind: string,
  reason: string,
): Promise<Refreshed> {
  const againAtMs = context.clock.nowMs() + context.timing.misconfiguredRetryMs;
  return failed(context, record, attempt, { kind, reason }, againAtMs);
}

async function retryLater(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: Extract<Outcome, { kind: 'not-sent' | 'unknown' }>,
): Promise<Refreshed> {
  const { clock, timing, random } = context;
  const before = record.failure?.count ?? 0;
  const pauseMs = before === 0 ? timing.soonMs : backoffMs(before, timing, random.fraction());
  const nowMs = clock.nowMs();
  const againAtMs = notPastThresholds(record, nowMs + pauseMs, nowMs, timing);
  if (outcome.kind === 'not-sent') return failed(context, record, attempt, outcome, againAtMs);
  const quietUntilMs = nowMs + timing.providerQuietMs;
  const doubt = { doubtSinceMs: attempt.beganAtMs, quietUntilMs };
  return failed(context, record, attempt, outcome, Math.max(againAtMs, quietUntilMs), doubt);
}

async function failed(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: { readonly kind: string; readonly reason: string },
  againAtMs: number,
  doubt: Pick<FailedAttempt, 'doubtSinceMs' | 'quietUntilMs'> = {},
): Promise<Refreshed> {
  const atMs = context.clock.nowMs();
  const failure = { outcome: outcome.kind, reason: outcome.reason, atMs, retryAtMs: againAtMs, ...doubt };
  await move(context, record.credential, (now) => fail(now, failure, attempt));
  return { result: 'failed', reason: outcome.kind, generation: record.generation, againAtMs };
}

function said(outcome: FailedOutcome): Record<string, unknown> {
  if (outcome.kind === 'garbled') return { outcome: outcome.kind };
  if (outcome.kind === 'throttled')
    return { outcome: outcome.kind, retryAfterSeconds: outcome.retryAfterSeconds };
  return { outcome: outcome.kind, reason: outcome.reason };
}
