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
    else await quota.settle(permit, clock.nowMs(), outcome.kind === 'success');
  } catch (error) {
    log.warn('permit not settled', errorFields(error));
  }
}

/**
 * The provider answered 429: its quota is closed until the end that it stated, or for one window, but for one probe
 * after a window. A failure is logged: the next 429 closes it.
 */
export async function closeQuota(
  { quota, clock, log, timing }: SettleContext,
  limit: QuotaLimit | undefined,
  retryAfterSeconds: number | undefined,
): Promise<void> {
  if (!limit) return;
  const statedMs = retryAfterSeconds === undefined ? limit.windowMs : retryAfterSeconds * 1000;
  try {
    await quota.close(limit, clock.nowMs() + Math.min(statedMs, timing.throttleMaxMs));
  } catch (error) {
    log.warn('quota not closed', errorFields(error));
  }
}
