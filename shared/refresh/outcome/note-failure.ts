import { applyTransition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord } from '../../credential/credential.ts';
import { type FailedAttempt, fail } from '../../credential/transitions/attempt.ts';
import type { FailureOutcome } from '../../failure/failures.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';

/** Ends the attempt with a failure that counts; the next one is due at `againAtMs`. Rejects with `StoreUnavailableError`. */
export async function noteFailure(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: { readonly kind: FailureOutcome; readonly reason: FailureReason },
  againAtMs: number,
  more: Pick<FailedAttempt, 'doubt' | 'refused'> = {},
): Promise<RefreshResult> {
  const atMs = context.clock.nowMs();
  const failure = { outcome: outcome.kind, reason: outcome.reason, atMs, retryAtMs: againAtMs, ...more };
  const after = await applyTransition(context, record.credential, (now) => fail(now, failure, attempt));
  // Tried by an operator, and it brought nothing: no schedule goes on with it.
  if (after?.state === 'lapsed')
    return { result: 'failed', reason: outcome.kind, generation: record.generation };
  return { result: 'failed', reason: outcome.kind, generation: record.generation, againAtMs };
}
