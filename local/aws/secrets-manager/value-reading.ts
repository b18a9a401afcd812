import { ServiceError, valueNotFound } from './errors.ts';
import type { OperationContext } from './operation.ts';
import { valueMembers } from './secret-value.ts';
import { CURRENT, labelHolder } from './staging-labels.ts';
import { epochSeconds, type SecretVersion, type StoredSecret } from './stored-secret.ts';

/** Which version to read; neither means AWSCURRENT, both must mean the same version. */
export interface VersionChoice {
  readonly versionId?: string | undefined;
  readonly stage?: string | undefined;
}

/**
 * The answer of GetSecretValue for one secret, and the day of the read kept with secret and version. Rejects
 * with `ResourceNotFoundException` when there is no such version.
 */
export function readValue(context: OperationContext, secret: StoredSecret, choice: VersionChoice) {
  const version = chooseVersion(secret, choice);
  keepAccessDay(context, secret, version);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...valueMembers(version.value),
    VersionStages: version.stages,
    CreatedDate: epochSeconds(version.createdAtMs),
  };
}

function chooseVersion({ versions }: StoredSecret, { versionId, stage }: VersionChoice): SecretVersion {
  if (versionId === undefined) {
    const label = stage ?? CURRENT;
    const labelled = labelHolder(versions, label);
    if (!labelled) throw valueNotFound(`staging label: ${label}`);
    return labelled;
  }
  const version = versions.find(({ id }) => id === versionId);
  if (!version) throw valueNotFound(`VersionId: ${versionId}`);
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw new ServiceError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  return version;
}

/** The service shows access by the day, so a secret is written at most once a day for being read. */
function keepAccessDay(
  { secrets, nowMs, dayMs }: OperationContext,
  secret: StoredSecret,
  read: SecretVersion,
): void {
  const lastAccessedAtMs = Math.floor(nowMs / dayMs) * dayMs;
  if (secret.lastAccessedAtMs === lastAccessedAtMs && read.lastAccessedAtMs === lastAccessedAtMs) return;
  const versions = secret.versions.map((version) =>
    version === read ? { ...version, lastAccessedAtMs } : version,
  );
  secrets.commit({ ...secret, versions, lastAccessedAtMs });
}
