import { begin, fail } from '../credential/attempt-moves.ts';
import type { Attempt, CredentialRecord } from '../credential/credential.ts';
import { move } from '../credential/move.ts';
import { errorFields } from '../log/log.ts';
import type { Permit, Priority } from '../quota/quota.ts';
import type { UnsealedPair } from '../sealing/sealer.ts';
import type { Outcome, TokenRequest, TokenResponse } from '../token-endpoint/token-endpoint.ts';
import { concludeFailure } from './conclude.ts';
import type { RefreshContext, Refreshed, Run } from './context.ts';
import { publishAndFinish } from './publish-pair.ts';
import { nextStep, type Wish } from './step.ts';
import { storePair } from './store-pair.ts';

export interface AttemptOptions extends Wish {
  readonly priority: Priority;
}

/**
 * One attempt, from load to settle. Each line can fail, and each failure leaves what came before in a state
 * that the next tick understands:
 *
 *     load     vault     client secret, seal keys      nothing was touched
 *     permit   quota     granted or not now            a permit lost is free one window later
 *     begin    ledger    attempt with a lease          unresolved once the lease is over, then cleared
 *     post     provider  the refresh token is spent    unknown outcome: looked for, posted again
 *     keep     ledger    the new pair, sealed          rescue secret, then this container's memory
 *     publish  vault     into the slot's lane          repaired from the ledger
 *     finish   ledger    attempt cleared               lease ends, found kept, finished
 *     settle   quota     free one window after answer  free one window after the deadline
 *
 * Rejects with `StoreUnavailableError` when a store failed before the post: nothing was spent.
 */
export async function attemptRefresh(
  context: RefreshContext,
  run: Run,
  seen: CredentialRecord,
  options: AttemptOptions,
): Promise<Refreshed> {
  const { clock, timing, random, quota } = context;
  const startMs = clock.monotonicMs();
  const startedAtMs = clock.nowMs();
  if (run.remainingMs() < timing.publishByMs) return { result: 'no-time' };

  const request = await prepare(context, seen);
  if (!request) return { result: 'failed', reason: 'not-ready' };

  const acquired = await quota.acquire(seen.quota, startedAtMs + timing.answerByMs, options.priority);
  if ('freeAtMs' in acquired) return { result: 'no-permit', againAtMs: acquired.freeAtMs };
  const { permit } = acquired;

  const attempt: Attempt = {
    id: random.id(),
    purpose: 'refresh',
    generation: seen.generation,
    beganAtMs: startedAtMs,
    storeByMs: Math.ceil(startedAtMs + timing.storeByMs),
    leaseUntilMs: Math.ceil(startedAtMs + timing.leaseMs),
  };
  const begun = await beginAttempt(context, seen, attempt, options).catch(async (error: unknown) => {
    await giveBack(context, permit, undefined);
    throw error;
  });
  if (begun?.attempt?.id !== attempt.id) {
    await giveBack(context, permit, undefined);
    return { result: 'waiting', reason: 'superseded', againAtMs: begun?.attempt?.leaseUntilMs };
  }

  const sentAtMs = clock.nowMs();
  const outcome = await context.tokenEndpoint.post(request, {
    sendByMs: startMs + timing.sendByMs,
    answerByMs: startMs + timing.answerByMs,
  });
  const settled = giveBack(context, permit, outcome);
  const done =
    outcome.kind === 'success'
      ? storeAndPublish(context, run, begun, attempt, outcome.response, sentAtMs, startMs)
      : concludeFailure(context, begun, attempt, outcome);
  return (await Promise.all([done, settled]))[0];
}

/** Everything the post will need, in memory (I1); undefined when something is missing, which is noted. */
async function prepare(context: RefreshContext, record: CredentialRecord): Promise<TokenRequest | undefined> {
  const { credential, pair } = record;
  try {
    await context.sealer.ready();
    const client = await context.clientSecrets.get(credential);
    const refreshToken = pair && (await context.sealer.refreshToken(credential, pair));
    return {
      tokenUrl: record.tokenUrl,
      clientAuth: record.clientAuth,
      client,
      grant: refreshToken ? 'refresh_token' : record.grant,
      refreshToken,
      scope: record.scope,
      extra: record.extra,
    };
  } catch (error) {
    const { clock, timing, log } = context;
    const { code = 'error' } = errorFields(error);
    log.error('not ready to refresh', { credential, code });
    const failed = { outcome: 'not-ready', reason: code, atMs: clock.nowMs() };
    const retryAtMs = failed.atMs + timing.tickMs / 2;
    await move(context, credential, (now) => {
      const isSame = now.state === 'active' && now.generation === record.generation;
      return isSame ? fail(now, { ...failed, retryAtMs }) : undefined;
    });
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
  return move(
    context,
    seen.credential,
    (now) => {
      if (now.chain !== seen.chain || now.generation !== seen.generation) return undefined;
      const clear = nextStep(now, clock.nowMs(), timing, options).do === 'post';
      const begun = clear ? begin(now, attempt, now.attempt?.id) : undefined;
      return begun && options.refused ? { ...begun, refusedRenewedAtMs: attempt.beganAtMs } : begun;
    },
    seen,
  );
}

async function storeAndPublish(
  context: RefreshContext,
  run: Run,
  begun: CredentialRecord,
  attempt: Attempt,
  response: TokenResponse,
  sentAtMs: number,
  startMs: number,
): Promise<Refreshed> {
  const { credential } = begun;
  const tokens = {
    accessToken: response.accessToken,
    // RFC 6749 §6: a server that does not rotate leaves the old one good.
    refreshToken:
      response.refreshToken ?? (begun.pair && (await context.sealer.refreshToken(credential, begun.pair))),
  };
  const pair = await context.sealer.sealPair(
    credential,
    nextPair(begun, attempt, response, sentAtMs),
    tokens,
  );
  const stored = await storePair(context, run, credential, pair, startMs + context.timing.storeByMs);
  switch (stored.where) {
    case 'current':
      return publishAndFinish(context, stored.record, attempt.id, startMs + context.timing.publishByMs);
    case 'aside':
      await move(context, credential, (now) => endedAside(now, attempt.id), stored.record);
      return { result: 'waiting', reason: 'superseded', generation: stored.record.generation };
    case 'rescue':
    case 'memory':
      return { result: 'unstored', reason: stored.where, againAtMs: context.clock.nowMs() };
    case 'removed':
      return { result: 'unknown-credential' };
  }
}

function endedAside(record: CredentialRecord, attempt: string): CredentialRecord | undefined {
  return record.attempt?.id === attempt ? { ...record, attempt: undefined } : undefined;
}

/** The pair of a token response, without its tokens. Times count from when the request was sent. */
function nextPair(
  record: CredentialRecord,
  attempt: Attempt,
  response: TokenResponse,
  sentAtMs: number,
): UnsealedPair {
  const lifeMs = response.expiresInSeconds ? response.expiresInSeconds * 1000 : record.defaultAccessTokenMs;
  const statedMs = response.refreshTokenExpiresInSeconds && response.refreshTokenExpiresInSeconds * 1000;
  const refreshLifeMs = statedMs ?? record.refreshTokenMs;
  const rotated = response.refreshToken !== undefined;
  return {
    chain: record.chain,
    generation: attempt.generation + 1,
    attempt: attempt.id,
    tokenType: response.tokenType,
    scope: response.scope ?? record.scope,
    issuedAtMs: sentAtMs,
    expiresAtMs: Math.floor(sentAtMs + lifeMs),
    refreshAfterMs: Math.floor(sentAtMs + lifeMs / 2),
    refreshTokenExpiresAtMs: rotated
      ? refreshLifeMs && Math.floor(sentAtMs + refreshLifeMs)
      : record.pair?.refreshTokenExpiresAtMs,
  };
}

/** Settles the permit; a failure only keeps it occupied for longer. */
async function giveBack(
  context: RefreshContext,
  permit: Permit,
  outcome: Outcome | undefined,
): Promise<void> {
  const { quota, clock, log } = context;
  try {
    if (!outcome || outcome.kind === 'not-sent') await quota.release(permit);
    else await quota.settle(permit, clock.nowMs());
  } catch (error) {
    log.warn('permit not settled', errorFields(error));
  }
}
