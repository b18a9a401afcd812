import * as v from 'valibot';
import { invalidParameter } from '../errors.ts';
import { kmsKeyId, listOf, secretId, text } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { type Replica, replicationStatus, type StoredSecret } from '../stored-secret.ts';

/** `AddReplicaRegions` of CreateSecret and ReplicateSecretToRegions. */
export const replicaRegions = listOf(
  v.object({ Region: text(1, 128), KmsKeyId: v.optional(kmsKeyId) }),
  1,
  50,
);

/**
 * ReplicateSecretToRegions. All regions share their secrets here, so a replica is there at once and needs no copy.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ReplicateSecretToRegions.html
 */
export const replicateSecretToRegions = defineOperation(
  v.object({
    SecretId: secretId,
    AddReplicaRegions: replicaRegions,
    ForceOverwriteReplicaSecret: v.optional(v.boolean()),
  }),
  ({ secrets, nowMs }, input) => {
    const secret = secrets.getUsable(input.SecretId);
    const replicas = withReplicas(secret, input.AddReplicaRegions);
    secrets.commit({ ...secret, replicas, lastChangedAtMs: nowMs });
    return { ARN: secret.arn, ReplicationStatus: replicationStatus(replicas) };
  },
);

/**
 * RemoveRegionsFromReplication; a region without a replica is no error.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html
 */
export const removeRegionsFromReplication = defineOperation(
  v.object({ SecretId: secretId, RemoveReplicaRegions: listOf(text(1, 128), 1, 50) }),
  ({ secrets, nowMs }, input) => {
    const secret = secrets.getUsable(input.SecretId);
    const replicas = (secret.replicas ?? []).filter(
      ({ Region }) => !input.RemoveReplicaRegions.includes(Region),
    );
    secrets.commit({ ...secret, replicas, lastChangedAtMs: nowMs });
    return { ARN: secret.arn, ReplicationStatus: replicationStatus(replicas) };
  },
);

/** The replicas of a secret with some more. Throws `ServiceError` for the region of the secret itself. */
export function withReplicas(
  { region, replicas = [] }: Pick<StoredSecret, 'region' | 'replicas'>,
  added: readonly Replica[],
): readonly Replica[] {
  if (added.some(({ Region }) => Region === region)) {
    throw invalidParameter('Invalid replica region: it is the region of the secret.');
  }
  const again = new Set(added.map(({ Region }) => Region));
  return [...replicas.filter(({ Region }) => !again.has(Region)), ...added];
}
