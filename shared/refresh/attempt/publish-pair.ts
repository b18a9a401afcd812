import { applyTransition } from '../../credential/apply-transition.ts';
import { type Attempt, type CredentialRecord, publishPending } from '../../credential/credential.ts';
import { begin, finish, type Published, publishAgain } from '../../credential/transitions/attempt.ts';
import { noteAnnounced } from '../../credential/transitions/notes.ts';
import { dueNow, offer } from '../../events/announce.ts';
import { type FailureReason, reasonOfError } from '../../failure/reasons.ts';
import { errorFields } from '../../log/log.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { abortAt } from './deadline.ts';

/**
 * Publishes the current pair within the lease that the caller holds, until `publishByMs` (monotonic), and
 * ends the attempt. A publish that fails is repaired by a later tick: the ledger has the pair.
 */
export async function publishAndFinish(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: string,
  publishByMs: number,
): Promise<RefreshResult> {
  const { clock, timing, log } = context;
  const { credential, generation } = record;
  const deadline = abortAt(clock, publishByMs);
  const isWritten = publishPending(record);
  const failed = isWritten ? await publish(context, record, deadline.signal) : undefined;
  const retryAtMs = clock.nowMs() + timing.tickMs / 2;
  const end: Published = failed ? { ok: false, retryAtMs, reason: failed } : { ok: true };
  const finished = finish(record, attempt, record, end) ?? record;
  const due = dueNow(context, finished, 'own');
  const accepted = await offer(context, finished, due, deadline.signal);
  deadline.cancel();
  try {
    await applyTransition(
      context,
      credential,
      (now) => {
        const ended = finish(now, attempt, record, end);
        if (!ended) return isWritten ? publishAgain(now, record) : undefined;
        return accepted ? noteAnnounced(ended, due.told) : ended;
      },
      record,
    );
  } catch (error) {
    // The attempt stays until its lease ends; then the next tick finds the pair kept, and finishes.
    log.warn('finish failed', { credential, generation, ...errorFields(error) });
  }
  return { result: failed ? 'unpublished' : 'refreshed', generation };
}

/** Publishes a pair whose own attempt could not, under a lease of its own: nobody posts meanwhile. */
export async function repairPublication(
  context: RefreshContext,
  seen: CredentialRecord,
): Promise<RefreshResult> {
  const { clock, timing, random } = context;
  const startMs = clock.monotonicMs();
  const attempt = publishAttempt(random.id(), seen.generation, clock.nowMs(), timing.leaseMs);
  const record = await applyTransition(
    context,
    seen.credential,
    (now) =>
      now.generation === seen.generation && now.attempt?.id === seen.attempt?.id
        ? begin(now, attempt, seen.attempt?.id)
        : undefined,
    seen,
  );
  if (record?.attempt?.id !== attempt.id) return { result: 'waiting' };
  const done = await publishAndFinish(context, record, attempt.id, startMs + timing.publishByMs);
  if (done.result !== 'refreshed') return done;
  // What is never published only had an attempt to end.
  if (publishPending(record)) context.telemetry.count('PublishRepairs');
  return { ...done, result: 'published' };
}

/** Undefined: it is in its lane. Else why not. */
async function publish(
  context: RefreshContext,
  record: CredentialRecord,
  signal: AbortSignal,
): Promise<FailureReason | undefined> {
  const { credential, generation } = record;
  try {
    await context.publication.publish(record, signal);
    return undefined;
  } catch (error) {
    const fields = errorFields(error);
    context.telemetry.count('PublishFailures');
    context.log.warn('publish failed', { credential, generation, ...fields });
    return reasonOfError(fields);
  }
}

function publishAttempt(id: string, generation: number, nowMs: number, leaseMs: number): Attempt {
  return {
    id,
    purpose: 'publish',
    generation,
    beganAtMs: nowMs,
    storeByMs: nowMs,
    leaseUntilMs: Math.ceil(nowMs + leaseMs),
  };
}
