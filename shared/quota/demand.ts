import type { Timing } from '../config/timing.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { CredentialSettings, QuotaLimit } from '../credential/settings.ts';
import { trackedWindow } from './tracked-window.ts';

/** Requests a window that the quota can really be asked for, permits being held until one window after the answer. */
export function sustainable(quota: QuotaLimit, timing: Timing): number {
  const { limit, windowMs } = trackedWindow(quota);
  return (limit * quota.windowMs) / (windowMs + timing.quotaMarginMs + timing.quotaLatencyMs);
}

/** Requests a window that the schedule makes for these credentials: one for each in the life of its token. */
export function demanded(
  quota: QuotaLimit,
  credentials: Iterable<CredentialSettings & Partial<Pick<CredentialRecord, 'pair' | 'state'>>>,
): number {
  let demand = 0;
  for (const credential of credentials) {
    if (credential.quota?.key !== quota.key || (credential.state ?? 'active') !== 'active') continue;
    demand += quota.windowMs / renewalMs(credential);
  }
  return demand;
}

function renewalMs(credential: CredentialSettings & Partial<Pick<CredentialRecord, 'pair'>>): number {
  const { mode, grant, pair } = credential;
  // It has no chain to be kept alive: renewed when somebody asks, which no schedule can plan.
  if (mode === 'on-demand' && grant === 'client_credentials') return Number.POSITIVE_INFINITY;
  if (mode === 'on-demand' && credential.refreshTokenMs) return credential.refreshTokenMs / 3;
  return pair?.sealedAccess ? pair.expiresAtMs - pair.issuedAtMs : credential.defaultAccessTokenMs;
}
