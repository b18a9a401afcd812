import { requestTokenInUse, ServiceError } from './errors.ts';
import { type NewValue, sameValue } from './secret-value.ts';
import { attachStages, CURRENT } from './staging-labels.ts';
import type { SecretVersion, StoredSecret } from './stored-secret.ts';

/** The most versions that one secret can have. */
const MAX_VERSIONS = 100;

/** When a version is written, and how long versions are protected from removal. */
export interface VersionTimes {
  readonly nowMs: number;
  /** The service's 24 hours; shorter when the local stack's time is scaled. */
  readonly dayMs: number;
}

/**
 * The versions of a secret after a value was written with some staging labels (default AWSCURRENT, which the
 * first version gets in any case). The same list comes back when that version exists with the same value.
 * Rejects with `ResourceExistsException` when it exists with another value, and with
 * `LimitExceededException` at 100 versions none of which may be removed.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export function withNewVersion(
  { arn, versions }: Pick<StoredSecret, 'arn' | 'versions'>,
  { versionId, value }: NewValue,
  stages: readonly string[] | undefined,
  times: VersionTimes,
): readonly SecretVersion[] {
  const existing = versions.find(({ id }) => id === versionId);
  if (existing) {
    if (sameValue(existing.value, value)) return versions;
    throw requestTokenInUse(versionId, arn);
  }
  const version: SecretVersion = { id: versionId, createdAtMs: times.nowMs, stages: [], value };
  const labels = stages ?? [CURRENT];
  const attached = versions.length === 0 && !labels.includes(CURRENT) ? [CURRENT, ...labels] : labels;
  return attachStages([...withRoomForOne(versions, times), version], versionId, attached);
}

/**
 * Versions are removed only when there are more than 100, and only those that have no label and are a day
 * old. As few as needed go, oldest first: nobody may count on an earlier removal.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
function withRoomForOne(
  versions: readonly SecretVersion[],
  { nowMs, dayMs }: VersionTimes,
): readonly SecretVersion[] {
  const excess = versions.length + 1 - MAX_VERSIONS;
  if (excess <= 0) return versions;
  const removable = versions.filter(
    (version) => version.stages.length === 0 && nowMs - version.createdAtMs >= dayMs,
  );
  if (removable.length < excess) {
    throw new ServiceError(
      'LimitExceededException',
      `The secret has ${versions.length} versions, and none without a staging label is older than 24 hours. ` +
        'Write less often than once in 10 minutes, or spread the writes over more secrets.',
    );
  }
  const removed = new Set(removable.slice(0, excess));
  return versions.filter((version) => !removed.has(version));
}
