import { timingFor } from '../../config/timing.ts';
import { applyTransition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord, SealedPair } from '../../credential/credential.ts';
import { begin } from '../../credential/transitions/attempt.ts';
import { noteClientAccepted } from '../../credential/transitions/notes.ts';
import { errorFields } from '../../log/log.ts';
import type { Priority } from '../../quota/quota.ts';
import type { Secret } from '../../secret/secret.ts';
import type { Outcome } from '../../token-endpoint/token-endpoint.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../context.ts';
import { concludeFailure } from '../outcome/conclude.ts';
import { nextStep, type RefreshTrigger } from '../step.ts';
import { chooseNetwork, waitingPair } from './choose-network.ts';
import { broughtTokens, storeAndPublish, storeSealed, tokensOf } from './new-pair.ts';
import { prepare } from './prepare.ts';
import { reportPost } from './report-post.ts';
import { settlePermit } from './settle-permit.ts';

export interface AttemptOptions extends RefreshTrigger {
  readonly priority: Priority;
  /** Its token lives for little more than a tick, so that its requests have a rhythm of their own. */
  readonly isShort?: boolean;
  /** Called when it is known whether there is a permit. */
  readonly onAsked?: () => void;
}

/**
 * One attempt, from load to settle. Each line can fail, and each failure leaves what came before in a state
 * that the next tick understands:
 *
 *     load     vault     client secret, seal keys      nothing was touched
 *     permit   quota     granted or not now            a permit lost is free one window later
 *     begin    ledger    attempt with a lease          unresolved once the lease is over, then cleared
 *     post     provider  the refresh token is spent    unknown outcome: looked for, posted again
 *     choose   provider  its network, where it must    the token waits aside, and chooses again without a login
 *     keep     ledger    the new pair, sealed          rescue secret, then this container's memory
 *     publish  vault     into the slot's lane          repaired from the ledger
 *     finish   ledger    attempt cleared               lease ends, found kept, finished
 *     settle   quota     free one window after answer  free one window after the deadline
 *
 * Rejects with `StoreUnavailableError` when a store failed before the post: nothing was spent.
 */
export async function attemptRefresh(
  common: RefreshContext,
  invocation: Invocation,
  seen: CredentialRecord,
  options: AttemptOptions,
): Promise<RefreshResult> {
  const context = { ...common, timing: timingFor(common.timing, seen) };
  const { clock, timing, random, quota } = context;
  const startMs = clock.monotonicMs();
  const startedAtMs = clock.nowMs();
  if (invocation.remainingMs() < timing.publishByMs) return { result: 'no-time' };

  const request = await prepare(context, seen);
  if (!request) return { result: 'failed', reason: 'not-ready' };

  const attempt: Attempt = {
    id: random.id(),
    purpose: 'refresh',
    generation: seen.generation,
    beganAtMs: startedAtMs,
    storeByMs: Math.ceil(startedAtMs + timing.storeByMs),
    leaseUntilMs: Math.ceil(startedAtMs + timing.leaseMs),
  };
  const waiting = waitingPair(seen, startedAtMs);
  const accessToken = waiting && (await openedToken(context, seen.credential, waiting));
  if (waiting && accessToken) {
    const begun = await beginAttempt(context, seen, attempt, options);
    if (begun?.attempt?.id !== attempt.id) return superseded(begun);
    const pair = { ...waiting, attempt: attempt.id };
    const { network } = request.client;
    const failed = await chooseNetwork(context, { begun, attempt, pair, accessToken, network, startMs });
    return failed ?? (await storeSealed(context, invocation, { begun, attempt, startMs }, pair));
  }

  const { priority, force, isShort } = options;
  const acquired = await quota.acquire(seen.quota, startedAtMs + timing.answerByMs, {
    priority,
    isBurst: priority === 'reader' && seen.mode === 'on-demand',
    isShort,
    // An operator's request may take the last permit, and is no token that expires.
    comesFirst: priority === 'urgent' && !force,
  });
  options.onAsked?.();
  if ('freeAtMs' in acquired) return { result: 'no-permit', againAtMs: acquired.freeAtMs };
  const { permit } = acquired;
  const begun = await beginAttempt(context, seen, attempt, options).catch(async (error: unknown) => {
    await settlePermit(context, permit, undefined);
    throw error;
  });
  if (begun?.attempt?.id !== attempt.id) {
    await settlePermit(context, permit, undefined);
    return superseded(begun);
  }

  const sentAtMs = clock.nowMs();
  const sentMs = clock.monotonicMs();
  const limits = { sendByMs: startMs + timing.sendByMs, answerByMs: startMs + timing.answerByMs };
  const outcome = await context.tokenEndpoint.post(request, limits).catch((error: unknown): Outcome => {
    // It never rejects. If it does all the same, the attempt ends in an outcome like every other.
    context.log.error('post failed', { credential: seen.credential, ...errorFields(error) });
    return { kind: 'unknown', reason: 'unexpected' };
  });
  const latencyMs = clock.monotonicMs() - sentMs;
  const settled = settlePermit(context, permit, outcome);
  const posted = request.refreshToken;
  const done = broughtTokens(outcome)
    ? storeAndPublish(context, invocation, {
        begun,
        attempt,
        tokens: tokensOf(outcome),
        posted,
        network: request.client.network,
        sentAtMs,
        startMs,
      })
    : concludeFailure(context, begun, attempt, outcome);
  reportPost(context.telemetry, outcome, latencyMs);
  const [result] = await Promise.all([done, settled]);
  if (outcome.kind === 'success') await forgetReplacedClient(context, seen);
  return result;
}

/** The old client secret is of no more use. What the vault does not take now, the next refresh tries again. */
async function forgetReplacedClient(context: RefreshContext, record: CredentialRecord): Promise<void> {
  const { credential, clientRefusedAtMs } = record;
  try {
    const isNew = await context.clientSecrets.accepted(record);
    if (isNew && clientRefusedAtMs !== undefined) {
      await applyTransition(context, credential, noteClientAccepted);
    }
  } catch (error) {
    context.log.warn('replaced client secret not forgotten', { credential, ...errorFields(error) });
  }
}

function superseded(begun: CredentialRecord | undefined): RefreshResult {
  return { result: 'waiting', reason: 'superseded', againAtMs: begun?.attempt?.leaseUntilMs };
}

/** The access token of a pair that waits for its network; undefined: it cannot be opened, and another login is made. */
async function openedToken(
  { sealer, log }: RefreshContext,
  credential: string,
  pair: SealedPair,
): Promise<Secret | undefined> {
  try {
    return await sealer.accessToken(credential, pair);
  } catch (error) {
    log.warn('waiting token not opened', { credential, ...errorFields(error) });
    return undefined;
  }
}

function beginAttempt(
  context: RefreshContext,
  seen: CredentialRecord,
  attempt: Attempt,
  options: AttemptOptions,
): Promise<CredentialRecord | undefined> {
  const { clock, timing } = context;
  return applyTransition(
    context,
    seen.credential,
    (now) => {
      if (now.chain !== seen.chain || now.generation !== seen.generation) return undefined;
      const clear = nextStep(now, clock.nowMs(), timing, options).do === 'post';
      const begun = clear ? begin(now, attempt, now.attempt?.id) : undefined;
      return begun && options.refused
        ? { ...begun, reports: { ...begun.reports, renewedAtMs: attempt.beganAtMs } }
        : begun;
    },
    seen,
  );
}
