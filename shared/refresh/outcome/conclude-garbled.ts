import { applyTransition, type Transition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord } from '../../credential/credential.ts';
import { forgetRefreshToken } from '../../credential/transitions/attempt.ts';
import { keepUnreadable } from '../../credential/transitions/notes.ts';
import { canLogIn } from '../../token-endpoint/grant.ts';
import type { Outcome } from '../../token-endpoint/token-endpoint.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { backoffMs } from './backoff.ts';
import { endChain } from './end-chain.ts';

const WRITE_AGAIN_MS = 500;

/** The answer is spent and cannot be had again: it is written down before anything else, as long as it takes. */
export async function concludeGarbled(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  outcome: Extract<Outcome, { kind: 'garbled' }>,
): Promise<RefreshResult> {
  const { credential, chain } = record;
  const { generation } = attempt;
  const sealedBody = await context.sealer.sealAnswer(outcome.body, { credential, chain, generation });
  const unreadable = { atMs: context.clock.nowMs(), chain, generation, sealedBody };
  const write: Transition = (now) => keepUnreadable(now, unreadable);
  while (!(await tried(() => applyTransition(context, credential, write)))) {
    if (context.clock.nowMs() >= attempt.storeByMs) break;
    await context.clock.sleep(WRITE_AGAIN_MS);
  }
  if (!canLogIn(record.grant)) return endChain(context, record, 'answer-unreadable', attempt);
  const atMs = context.clock.nowMs();
  const againAtMs =
    atMs + backoffMs((record.failure?.count ?? 0) + 1, context.timing, context.random.fraction());
  const failure = { outcome: outcome.kind, reason: 'answer-unreadable', atMs, retryAtMs: againAtMs } as const;
  await applyTransition(context, credential, (now) => forgetRefreshToken(now, attempt, atMs, failure));
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
