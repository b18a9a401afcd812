import type { Timing } from '../config/timing.ts';
import { announcements } from './announcements.ts';
import { type CredentialRecord, NEVER_MS, publishPending, type SealedPair } from './credential.ts';
import { refreshLifeOf } from './schedule.ts';
import { attentionOf } from './watched.ts';

/** The record with its index attributes: when it next needs attention, and what the order of a tick needs. */
export function indexed(record: CredentialRecord, timing: Timing): CredentialRecord {
  return {
    ...record,
    ...attentionOf(record),
    dueAtMs: dueAtMs(record, timing),
    deadlineMs: record.pair && deadlineMs(record, record.pair, timing),
    lapsingFromMs: record.pair && lapsingFromMs(record.pair, timing),
    bulkhead: record.quota?.key ?? record.tokenUrl,
    failures: failuresOf(record),
    isolated: isDangerous(record) || undefined,
    quotaKey: record.quota?.key,
    quotaPaceMs: record.quota && record.quota.windowMs / record.quota.limit,
    accessLifeMs: record.pair?.sealedAccess ? record.pair.expiresAtMs - record.pair.issuedAtMs : undefined,
    refreshLifeMs: record.pair && refreshLifeOf(record.pair),
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

/**
 * When it is too late for a refresh: at the end of the access token; on demand at the end of the chain less a margin, or
 * half a day after it was due while nobody knows that end. A seed has no token to lose yet: now.
 */
function deadlineMs({ mode, refreshAtMs }: CredentialRecord, pair: SealedPair, timing: Timing): number {
  if (mode === 'fresh' || !pair.sealedAccess) return pair.expiresAtMs;
  return lapsingFromMs(pair, timing) ?? Math.min(NEVER_MS, refreshAtMs + timing.dayMs / 2);
}

/** An hour before the end of the refresh token, or a quarter of its life if that is less. */
function lapsingFromMs(pair: SealedPair, timing: Timing): number | undefined {
  const { refreshTokenExpiresAtMs: endMs, refreshTokenSinceMs = pair.issuedAtMs } = pair;
  return endMs === undefined
    ? undefined
    : endMs - Math.min(timing.lapseUrgentMs, (endMs - refreshTokenSinceMs) / 4);
}

/**
 * One attempt without a trace says more of its process than of the credential, and one that lacked something asked
 * nothing of the provider: it is well as far as the order goes.
 */
function failuresOf({ failure }: CredentialRecord): number {
  if (!failure) return 0;
  const isOfOurs = failure.outcome === 'no-trace' || failure.outcome === 'not-ready';
  return isOfOurs && failure.count === 1 ? 0 : failure.count;
}

/**
 * Perhaps it is what ends processes: its last attempt left no trace, or is under way and will have left none if it is
 * still there when its lease is over.
 */
function isDangerous({ failure, attempt }: CredentialRecord): boolean {
  return failure?.outcome === 'no-trace' || attempt?.purpose === 'refresh';
}
