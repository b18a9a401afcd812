import type { Attempt, CredentialRecord } from '../../credential/credential.ts';
import { errorFields } from '../../log/log.ts';
import type { Outcome } from '../../token-endpoint/token-endpoint.ts';
import { closeQuota } from '../attempt/settle-permit.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { retryAtMs } from './backoff.ts';
import { concludeGarbled } from './conclude-garbled.ts';
import { concludeRefusal } from './conclude-refusal.ts';
import { noteFailure } from './note-failure.ts';

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
): Promise<RefreshResult> {
  const { credential } = record;
  const { log } = context;
  log.warn('token request failed', { credential, generation: attempt.generation, ...said(outcome) });
  try {
    switch (outcome.kind) {
      case 'refused-grant':
      case 'refused-client':
      case 'refused':
        return await concludeRefusal(context, record, attempt, outcome);
      case 'garbled':
        return await concludeGarbled(context, record, attempt, outcome);
      case 'throttled':
        return await throttled(context, record, attempt, outcome.retryAfterSeconds);
      case 'not-sent':
      case 'unknown':
        return await retryLater(context, record, attempt, outcome);
    }
  } catch (error) {
    log.warn('outcome not noted', { credential, ...errorFields(error) });
    return { result: 'failed', reason: outcome.kind };
  }
}

/** The quota is closed first: once the attempt is over, an operator's forced refresh asks for a permit. */
async function throttled(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  retryAfterSeconds: number | undefined,
): Promise<RefreshResult> {
  const windowSeconds = (record.quota?.windowMs ?? context.timing.tickMs) / 1000;
  const againAtMs = retryAtMs(context, record, retryAfterSeconds ?? windowSeconds);
  await closeQuota(context, record.quota, retryAfterSeconds);
  return noteFailure(context, record, attempt, { kind: 'throttled', reason: 'http-429' }, againAtMs);
}

async function retryLater(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: Extract<Outcome, { kind: 'not-sent' | 'unknown' }>,
): Promise<RefreshResult> {
  const { clock, timing } = context;
  if (outcome.kind === 'not-sent') {
    return noteFailure(context, record, attempt, outcome, retryAtMs(context, record));
  }
  const againAtMs = retryAtMs(context, record, outcome.retryAfterSeconds);
  const quietUntilMs = clock.nowMs() + timing.providerQuietMs;
  const doubt = { sinceMs: attempt.beganAtMs, quietUntilMs };
  return noteFailure(context, record, attempt, outcome, Math.max(againAtMs, quietUntilMs), { doubt });
}

function said(outcome: FailedOutcome): Record<string, unknown> {
  if (outcome.kind === 'garbled') return { outcome: outcome.kind };
  if (outcome.kind === 'throttled')
    return { outcome: outcome.kind, retryAfterSeconds: outcome.retryAfterSeconds };
  return { outcome: outcome.kind, reason: outcome.reason };
}
