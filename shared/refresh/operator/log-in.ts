import { timingFor } from '../../config/timing.ts';
import type { CredentialSettings, QuotaLimit, RequestSettings } from '../../credential/settings.ts';
import type { ResultReason } from '../../failure/refresh-results.ts';
import type { Permit } from '../../quota/quota.ts';
import type { ClientSecret, LoginCode, Outcome, TokenResponse } from '../../token-endpoint/token-endpoint.ts';
import { reportLogin } from '../attempt/report-post.ts';
import { closeQuota, settlePermit } from '../attempt/settle-permit.ts';
import { tokenRequestOf } from '../attempt/token-request.ts';
import type { Invocation, RefreshContext } from '../context.ts';

/** A person's login, made once. What is secret in it is stored nowhere. */
export interface Login {
  readonly settings: RequestSettings & Pick<CredentialSettings, 'quota'>;
  readonly client: ClientSecret;
  /** What a person's login in a browser or at another device brought, instead of user name and password. */
  readonly code?: LoginCode;
}

/** What a login came to: an answer, or the kind and the code of the outcome that brought none. */
export type LoginResult =
  | { readonly response: TokenResponse; readonly refused?: undefined }
  | { readonly response?: undefined; readonly refused: RefusedLogin };

export interface RefusedLogin {
  readonly outcome: Exclude<Outcome['kind'], 'success'> | 'no-permit';
  readonly reason: ResultReason;
}

/** How long a person waits for a permit. */
export const PERMIT_WAIT_MS = 20_000;

/**
 * Logs in once with user name and password, with a permit of the provider's quota. Nothing is spent by it, so
 * nothing is lost with its answer: the person logs in again. Rejects with `StoreUnavailableError` when the quota
 * cannot be asked.
 */
export async function logIn(
  common: RefreshContext,
  invocation: Invocation,
  login: Login,
): Promise<LoginResult> {
  const context = { ...common, timing: timingFor(common.timing, login.settings) };
  const { timing, clock, tokenEndpoint } = context;
  if (invocation.remainingMs() < timing.answerByMs) return refused('no-permit', 'no-time');
  const permit = await permitWithin(context, login.settings.quota, PERMIT_WAIT_MS);
  if (!permit) return refused('no-permit', 'quota');
  const startMs = clock.monotonicMs();
  const { settings, client, code } = login;
  const outcome = await tokenEndpoint.post(tokenRequestOf({ settings, client, grant: 'password', code }), {
    sendByMs: startMs + timing.sendByMs,
    answerByMs: startMs + timing.answerByMs,
  });
  // A person who has not decided yet is no failure.
  const isPending = outcome.kind === 'unknown' && PENDING.has(outcome.reason);
  if (!isPending) reportLogin(context.telemetry, outcome, clock.monotonicMs() - startMs);
  await settlePermit(context, permit, outcome);
  if (outcome.kind === 'throttled') await closeQuota(context, settings.quota, outcome.retryAfterSeconds);
  if (outcome.kind === 'success') return { response: outcome.response };
  const reason = 'reason' in outcome ? outcome.reason : outcome.kind;
  if (!isPending) context.log.warn('login failed', { outcome: outcome.kind, reason });
  return refused(outcome.kind, reason);
}

/** What a device is answered until its person has decided (RFC 8628 §3.5). */
export const PENDING: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down']);

/** A permit of the quota, as soon as there is one; undefined: there is none within `waitMs`. */
export async function permitWithin(
  { quota, clock, timing }: RefreshContext,
  limit: QuotaLimit | undefined,
  waitMs: number,
): Promise<Permit | undefined> {
  const untilMs = clock.nowMs() + waitMs;
  for (;;) {
    const acquired = await quota.acquire(limit, clock.nowMs() + timing.answerByMs, {
      priority: 'reader',
    });
    if ('permit' in acquired) return acquired.permit;
    if (acquired.freeAtMs > untilMs) return undefined;
    await clock.sleep(acquired.freeAtMs - clock.nowMs());
  }
}

function refused(outcome: RefusedLogin['outcome'], reason: ResultReason): LoginResult {
  return { refused: { outcome, reason } };
}
