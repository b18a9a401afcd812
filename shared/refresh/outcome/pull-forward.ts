import { applyTransition } from '../../credential/apply-transition.ts';
import type { CredentialRecord } from '../../credential/credential.ts';
import type { FailureOutcome } from '../../failure/failures.ts';
import { errorFields } from '../../log/log.ts';
import type { RefreshContext } from '../context.ts';

/** Outcomes that say something of the provider and nothing of the credential: when it is back, they are over. */
const OF_THE_PROVIDER: ReadonlySet<FailureOutcome> = new Set([
  'unknown',
  'not-sent',
  'refused',
  'refused-token',
]);

/** As many as are looked at: more would take the time of a tick, and the next success looks again. */
const MOST = 200;

/**
 * A credential that failed has been served: the provider is back. What failed at the same token URL for reasons of the
 * provider's does not sit out its back-off, but is due at once; the order of the next tick and its quota's pace spread
 * it. Never rejects: without it everything is tried at its own time.
 */
export async function pullForward(context: RefreshContext, served: CredentialRecord): Promise<void> {
  const { ledger, clock, timing, log } = context;
  if (!served.failure || !OF_THE_PROVIDER.has(served.failure.outcome)) return;
  try {
    const nowMs = clock.nowMs();
    const soon = await ledger.due(nowMs + timing.backoffMaxMs, MOST * 5);
    const waiting = soon.filter(
      ({ refreshAtMs = 0, failures = 0, credential }) =>
        refreshAtMs > nowMs && failures > 0 && credential !== served.credential,
    );
    for (const { credential } of waiting.slice(0, MOST)) {
      await applyTransition(context, credential, (now) => dueNow(now, served.tokenUrl, clock.nowMs()));
    }
  } catch (error) {
    log.warn('not pulled forward', errorFields(error));
  }
}

function dueNow(record: CredentialRecord, tokenUrl: string, nowMs: number): CredentialRecord | undefined {
  const { state, failure, attempt, refreshAtMs } = record;
  if (state !== 'active' || !failure || attempt || record.tokenUrl !== tokenUrl) return undefined;
  if (!OF_THE_PROVIDER.has(failure.outcome) || refreshAtMs <= nowMs) return undefined;
  // A refused refresh token is asked about again after its quiet time, and not before (I8).
  const { refusals } = record;
  const atMs = Math.max(nowMs, record.doubt?.quietUntilMs ?? 0);
  if (refusals && refusals.count < 2) return undefined;
  return { ...record, refreshAtMs: atMs, failure: { ...failure, retryAtMs: atMs } };
}
