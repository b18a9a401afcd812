import { applyTransition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord, SealedPair } from '../../credential/credential.ts';
import { fail } from '../../credential/transitions/attempt.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import { errorFields } from '../../log/log.ts';
import type { NetworkOutcome } from '../../network-endpoint/network-endpoint.ts';
import type { Secret } from '../../secret/secret.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { retryAtMs } from '../outcome/backoff.ts';

/** A new access token that must choose its network before anybody may read it. */
export interface NewToken {
  readonly begun: CredentialRecord;
  readonly attempt: Attempt;
  readonly pair: SealedPair;
  readonly accessToken: Secret;
  /** Of the client secret; absent: nobody named one. */
  readonly network?: string;
  /** When the attempt began (monotonic). */
  readonly startMs: number;
}

type Failed = Exclude<NetworkOutcome, { kind: 'chosen' }>;

/** So many refusals of a network in a row may be a change that has not reached every node: from then on, hourly. */
const PASSING_REFUSALS = 5;

/**
 * Lets the token choose its network. Undefined: it did. Otherwise the attempt has ended as a failed refresh, and the
 * token waits aside for the next attempt, which needs no login: what readers have is served on meanwhile.
 *
 *     post ── 200 ──┬── choose ── 2xx ──────────── keep, publish, finish
 *                   │          ├─ 401 ──────────── the token is of no use: log in again
 *                   │          ├─ other 4xx ────── aside; somebody must change the network
 *                   │          └─ none, 5xx, 429 ─ aside; chooses again with a back-off
 *                   └── the process dies ───────── the lease ends, and it logs in again
 */
export async function chooseNetwork(
  context: RefreshContext,
  token: NewToken,
): Promise<RefreshResult | undefined> {
  const { begun, network } = token;
  const { timing, networkEndpoint, log } = context;
  const outcome = await ask();
  if (outcome.kind === 'chosen') return undefined;
  log.warn('network not chosen', {
    credential: begun.credential,
    outcome: outcome.kind,
    reason: outcome.reason,
  });
  return noted(context, token, outcome);

  async function ask(): Promise<NetworkOutcome> {
    const { networkUrl: url, userAgent, ca } = begun;
    if (url === undefined) return { kind: 'chosen' };
    if (network === undefined) return { kind: 'refused-network', reason: 'missing-network' };
    // The post may have taken all of its time; what is left until the pair must be stored is shared with the stores.
    const byMs = token.startMs + (timing.answerByMs + timing.storeByMs) / 2;
    const request = { url, accessToken: token.accessToken, network, userAgent, ca };
    return networkEndpoint
      .choose(request, { sendByMs: byMs, answerByMs: byMs })
      .catch((error: unknown): NetworkOutcome => {
        log.error('choice failed', { credential: begun.credential, ...errorFields(error) });
        return { kind: 'not-chosen', reason: 'unexpected' };
      });
  }
}

/** The pair of this generation that has not chosen its network yet, as long as it is worth choosing one. */
export function waitingPair(
  { aside: { withoutNetwork: pair }, chain, generation, networkUrl }: CredentialRecord,
  nowMs: number,
): SealedPair | undefined {
  const isNext = pair?.chain === chain && pair.generation === generation + 1;
  return isNext && networkUrl !== undefined && nowMs < pair.refreshAfterMs ? pair : undefined;
}

async function noted(context: RefreshContext, token: NewToken, outcome: Failed): Promise<RefreshResult> {
  const { begun, attempt, pair } = token;
  const { credential, generation } = begun;
  const { clock, log } = context;
  const failure = { ...(await failureOf(context, begun, outcome)), atMs: clock.nowMs() };
  const withoutNetwork = outcome.kind === 'refused-token' ? undefined : pair;
  try {
    await applyTransition(context, credential, (now) => {
      const failed = fail(now, failure, attempt);
      return failed && { ...failed, aside: { ...failed.aside, withoutNetwork } };
    });
  } catch (error) {
    // The attempt ends with its lease, and the next one logs in: nothing was spent.
    log.warn('outcome not noted', { credential, ...errorFields(error) });
  }
  return { result: 'failed', reason: failure.outcome, generation, againAtMs: failure.retryAtMs };
}

interface NetworkFailure {
  readonly outcome: 'not-chosen' | 'refused-network' | 'stale-client';
  readonly reason: FailureReason;
  readonly retryAtMs: number;
}

async function failureOf(
  context: RefreshContext,
  record: CredentialRecord,
  { kind, reason, ...more }: Failed,
): Promise<NetworkFailure> {
  const { clock, timing, clientSecrets } = context;
  switch (kind) {
    case 'refused-token':
      return { outcome: 'not-chosen', reason, retryAtMs: retryAtMs(context, record) };
    case 'not-chosen': {
      const { retryAfterSeconds } = more as Extract<Failed, { kind: 'not-chosen' }>;
      return { outcome: kind, reason, retryAtMs: retryAtMs(context, record, retryAfterSeconds) };
    }
    case 'refused-network': {
      // Another container may have been told of another network.
      const isStale = await clientSecrets.changed(record).catch(() => false);
      if (isStale) return { outcome: 'stale-client', reason, retryAtMs: clock.nowMs() };
      const before = record.failure?.outcome === kind ? (record.failure.alike ?? 0) : 0;
      const isPassing = before < PASSING_REFUSALS;
      const hourlyMs = clock.nowMs() + timing.misconfiguredRetryMs;
      return { outcome: kind, reason, retryAtMs: isPassing ? retryAtMs(context, record) : hourlyMs };
    }
  }
}
