import type { QuotaLimit } from '../../credential/settings.ts';
import { errorFields } from '../../log/log.ts';
import type { Permit } from '../../quota/quota.ts';
import type { Outcome } from '../../token-endpoint/token-endpoint.ts';
import type { RefreshContext } from '../context.ts';

type SettleContext = Pick<RefreshContext, 'quota' | 'clock' | 'log' | 'timing'>;

/** Gives a permit back if nothing was sent, else settles it. A failure only keeps it occupied for longer. */
export async function settlePermit(
  { quota, clock, log }: SettleContext,
  permit: Permit,
  outcome: Outcome | undefined,
): Promise<void> {
  try {
    if (!outcome || outcome.kind === 'not-sent') await quota.release(permit);
    else await quota.settle(permit, clock.nowMs());
  } catch (error) {
    log.warn('permit not settled', errorFields(error));
  }
}

/**
 * The provider answered 429: nobody asks it before the time that is returned. Without `Retry-After` that is one window
 * of the quota. Rejects with `StoreUnavailableError`.
 */
export async function closeQuota(
  { quota, clock, timing }: SettleContext,
  limit: QuotaLimit | undefined,
  retryAfterSeconds: number | undefined,
): Promise<number> {
  const asked = retryAfterSeconds === undefined ? limit?.windowMs : retryAfterSeconds * 1000;
  const untilMs = clock.nowMs() + Math.min(asked ?? timing.tickMs, timing.throttleMaxMs);
  await quota.close(limit, untilMs);
  return untilMs;
}
