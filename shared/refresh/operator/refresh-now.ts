import type { ResultReason } from '../../failure/refresh-results.ts';
import type { AttemptOptions } from '../attempt/attempt.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../context.ts';
import { refreshCredential } from '../refresh-credential.ts';

/** How often somebody else's attempt is looked at: it ends long before its lease does. */
const LOOK_AGAIN_MS = 250;

/**
 * Refreshes one credential on request, for up to `waitMs`: waits for a permit, and for an attempt of
 * somebody else, between the attempts, never within one. Rejects as {@link refreshCredential}.
 */
export async function refreshNow(
  context: RefreshContext,
  invocation: Invocation,
  credential: string,
  options: AttemptOptions,
  waitMs: number,
): Promise<RefreshResult> {
  const { clock } = context;
  const untilMs = clock.nowMs() + waitMs;
  while (true) {
    const done = await refreshCredential(context, invocation, credential, options);
    const nowMs = clock.nowMs();
    if (done.againAtMs === undefined || nowMs >= untilMs || isForAPerson(done, nowMs)) return done;
    const lookAtMs =
      done.result === 'waiting' ? Math.min(done.againAtMs, nowMs + LOOK_AGAIN_MS) : done.againAtMs;
    if (lookAtMs > untilMs) return done;
    await clock.sleep(lookAtMs - nowMs);
  }
}

/** What the provider refuses by name is told at once: waiting for the next try would change nothing. */
function isForAPerson({ result, reason, againAtMs = 0 }: RefreshResult, nowMs: number): boolean {
  return result === 'failed' && againAtMs > nowMs && reason !== undefined && FOR_A_PERSON.has(reason);
}

const FOR_A_PERSON: ReadonlySet<ResultReason> = new Set([
  'refused-client',
  'refused-grant',
  'refused-network',
]);
