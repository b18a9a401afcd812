import { type Attempt, type CredentialRecord, keptBy, SETTLED } from '../credential.ts';
import { faultOf } from '../record-fault.ts';
import { scheduledAtMs } from '../schedule.ts';
import { unpublished } from './attempt.ts';

/** Nobody refreshes it until it is resumed. Resets nothing. */
export function pause(record: CredentialRecord): CredentialRecord | undefined {
  return record.state === 'active' ? { ...record, state: 'paused' } : undefined;
}

/** Goes on where it was paused. Resets nothing. */
export function resume(record: CredentialRecord): CredentialRecord | undefined {
  return record.state === 'paused' ? { ...record, state: 'active' } : undefined;
}

/**
 * Takes over changed settings. Another mode has another schedule. Another `publish`, a new parameter,
 * or what else is published beside the token, resets what counts as published: the current pair is published again.
 */
export function changeSettings(
  before: CredentialRecord,
  changed: CredentialRecord,
): CredentialRecord | undefined {
  if (before.state === 'removed') return undefined;
  const { pair, failure } = before;
  const rescheduled = changed.mode !== before.mode && pair?.sealedAccess && !failure;
  const settled = rescheduled ? { ...changed, refreshAtMs: scheduledAtMs(changed.mode, pair) } : changed;
  const isPublishedAlike =
    before.publish === changed.publish &&
    before.parameter === changed.parameter &&
    before.userAgent === changed.userAgent;
  if (isPublishedAlike) return settled;
  const { lanes, formerLanes } = changed.publication;
  const { generation, changes } = before.publication;
  return {
    ...settled,
    publication: unpublished({ lanes, formerLanes, generation, changes }, before.generation),
  };
}

/** What has failed is due now, whatever it waited for: an operator changed what may have been wrong. */
export function tryAgainNow(record: CredentialRecord, nowMs: number): CredentialRecord {
  const { failure, state } = record;
  if (!failure || state !== 'active') return record;
  return {
    ...record,
    refreshAtMs: Math.min(record.refreshAtMs, nowMs),
    failure: { ...failure, retryAtMs: nowMs },
  };
}

/**
 * Removes it under a lease, during which its secrets are deleted. Resets everything but its generation, its settings
 * and what was announced. Undefined while another removal or a publish holds it.
 */
export function remove(record: CredentialRecord, lease: Attempt): CredentialRecord | undefined {
  const isDamaged = faultOf(record) !== undefined;
  const isBusy = record.state === 'removed' || (!isDamaged && isPublishing(record));
  if (isBusy && isHeld(record, lease.beganAtMs)) return undefined;
  return {
    ...(isDamaged ? withoutDamage(record) : record),
    state: 'removed',
    pair: undefined,
    reports: {},
    aside: { spares: [], past: [] },
    ...SETTLED,
    attempt: lease,
  };
}

/** What a removal goes on with where the record is damaged: a generation that is not below any that it shows. */
function withoutDamage(record: CredentialRecord): CredentialRecord {
  const { pair, publication } = record;
  const seen: readonly unknown[] = [record.generation, pair?.generation, publication?.generation, 0];
  const generation = Math.max(...seen.filter((one) => Number.isSafeInteger(one)).map(Number));
  return {
    ...record,
    ...{ generation, quota: undefined, announced: { generation }, history: undefined },
    publication: { lanes: 1, generation },
  };
}

/** True while the lease of an attempt runs. */
export function isHeld({ attempt }: CredentialRecord, nowMs: number): boolean {
  return attempt !== undefined && nowMs < attempt.leaseUntilMs;
}

/** An attempt that has kept its pair has only its lane left to write. */
function isPublishing(record: CredentialRecord): boolean {
  const { attempt } = record;
  return attempt !== undefined && (attempt.purpose === 'publish' || keptBy(record, attempt.id));
}
