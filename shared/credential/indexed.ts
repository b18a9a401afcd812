import type { Timing } from '../config/timing.ts';
import { announcements } from './announcements.ts';
import { type CredentialRecord, NEVER_MS, publishPending } from './credential.ts';

/** The record with its index attributes: when it next needs attention, and what the order of a tick needs. */
export function indexed(record: CredentialRecord, timing: Timing): CredentialRecord {
  return {
    ...record,
    dueAtMs: dueAtMs(record, timing),
    expiresAtMs: record.pair?.expiresAtMs,
    refreshTokenExpiresAtMs: record.pair?.refreshTokenExpiresAtMs,
    failures: record.failure?.count ?? 0,
    quotaKey: record.quota?.key,
    quotaPaceMs: record.quota && record.quota.windowMs / record.quota.limit,
  };
}

/** When there is something to do: a refresh, a publish, the end of a lease, something to tell. */
function dueAtMs(record: CredentialRecord, timing: Timing): number | undefined {
  if (record.state === 'removed') return undefined;
  if (record.attempt) return record.attempt.leaseUntilMs;
  const times = announcements(record, timing).map(({ atMs }) => atMs);
  if (publishPending(record)) times.push(record.publication.retryAtMs ?? record.pair?.issuedAtMs ?? 0);
  if (record.state === 'active' && record.refreshAtMs < NEVER_MS) times.push(record.refreshAtMs);
  return times.length === 0 ? undefined : Math.ceil(Math.min(...times));
}
