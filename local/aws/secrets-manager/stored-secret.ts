import type { SecretValue } from './secret-value.ts';

/** One version of a secret. A version without stages is deprecated. Records are replaced, never changed. */
export interface SecretVersion {
  readonly id: string;
  readonly createdAtMs: number;
  /** Start of the day of the latest read. */
  readonly lastAccessedAtMs?: number;
  readonly stages: readonly string[];
  readonly value: SecretValue;
}

/** A key and a value that somebody hung on a secret. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A region that a secret was replicated to. */
export interface Replica {
  readonly Region: string;
  readonly KmsKeyId?: string;
}

/** A secret with all its versions, oldest first. Records are replaced, never changed. */
export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly externalType?: string;
  readonly tags: readonly Tag[];
  /** JSON; kept and shown, never asked. */
  readonly resourcePolicy?: string;
  /** Other regions that it was replicated to. */
  readonly replicas?: readonly Replica[];
  readonly createdAtMs: number;
  readonly lastChangedAtMs: number;
  /** Start of the day of the latest read. */
  readonly lastAccessedAtMs?: number;
  /** End of the recovery window; present while the secret is marked for deletion. */
  readonly deletionAtMs?: number;
  readonly versions: readonly SecretVersion[];
}

/** The wire's timestamp: seconds since the epoch, with fractions; nothing stays nothing. */
export function epochSeconds(ms: number): number;
export function epochSeconds(ms: number | undefined): number | undefined;
export function epochSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** Version id → stages, of the versions that have any. */
export function labelledVersions(secret: StoredSecret): Record<string, readonly string[]> {
  const labelled = secret.versions.filter(({ stages }) => stages.length > 0);
  return Object.fromEntries(labelled.map(({ id, stages }) => [id, stages]));
}

/** `ReplicationStatus` on the wire; nothing for a secret without replicas. */
export function replicationStatus(replicas: readonly Replica[] = []) {
  if (replicas.length === 0) return undefined;
  return replicas.map((replica) => ({
    ...replica,
    Status: 'InSync',
    StatusMessage: 'Replication succeeded',
  }));
}

/** The members that DescribeSecret and each entry of ListSecrets share; absent ones are left out of the JSON. */
export function descriptionMembers(secret: StoredSecret) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Type: secret.externalType,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    LastChangedDate: epochSeconds(secret.lastChangedAtMs),
    LastAccessedDate: epochSeconds(secret.lastAccessedAtMs),
    DeletedDate: epochSeconds(secret.deletionAtMs),
    Tags: secret.tags.length > 0 ? secret.tags : undefined,
    CreatedDate: epochSeconds(secret.createdAtMs),
    PrimaryRegion: secret.replicas?.length ? secret.region : undefined,
  };
}
