import * as v from 'valibot';
import { newArn } from '../arn.ts';
import { requestTokenInUse, ServiceError } from '../errors.ts';
import { description, externalType, kmsKeyId, tags, text } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { assertName } from '../secret-name.ts';
import { type NewValue, newValueOf, sameValue, valueFields } from '../secret-value.ts';
import { replicationStatus, type StoredSecret } from '../stored-secret.ts';
import { withTags } from '../tags.ts';
import { withNewVersion } from '../versions.ts';
import { replicaRegions, withReplicas } from './replication.ts';

const request = v.object({
  Name: text(1, 512),
  ...valueFields,
  Description: v.optional(description),
  KmsKeyId: v.optional(kmsKeyId),
  Type: v.optional(externalType),
  Tags: v.optional(tags, []),
  AddReplicaRegions: v.optional(replicaRegions),
  ForceOverwriteReplicaSecret: v.optional(v.boolean()),
});

/**
 * CreateSecret. A repeated request (same name, token and value) succeeds and does nothing; any other taken
 * name is a `ResourceExistsException`, or an `InvalidRequestException` while its secret waits for deletion.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
 */
export const createSecret = defineOperation(request, (context, input) => {
  assertName(input.Name);
  const newValue = newValueOf(input);
  const { secrets, nowMs, dayMs, region } = context;

  const existing = secrets.find(input.Name);
  if (existing) {
    assertRepeated(existing, newValue);
    return answer(existing, newValue);
  }
  const arn = newArn(region, input.Name, context.random);
  const secret: StoredSecret = {
    arn,
    name: input.Name,
    region,
    description: input.Description,
    kmsKeyId: input.KmsKeyId,
    externalType: input.Type,
    tags: withTags([], input.Tags),
    createdAtMs: nowMs,
    lastChangedAtMs: nowMs,
    versions: newValue ? withNewVersion({ arn, versions: [] }, newValue, undefined, { nowMs, dayMs }) : [],
    ...(input.AddReplicaRegions && { replicas: withReplicas({ region }, input.AddReplicaRegions) }),
  };
  secrets.commit(secret);
  return answer(secret, newValue);
});

function assertRepeated(existing: StoredSecret, newValue: NewValue | undefined): void {
  if (existing.deletionAtMs !== undefined) {
    throw new ServiceError(
      'InvalidRequestException',
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const version = existing.versions.find(({ id }) => id === newValue?.versionId);
  if (version && newValue) {
    if (sameValue(version.value, newValue.value)) return;
    throw requestTokenInUse(newValue.versionId, existing.arn);
  }
  throw new ServiceError(
    'ResourceExistsException',
    `The operation failed because the secret ${existing.name} already exists.`,
  );
}

function answer(secret: StoredSecret, newValue: NewValue | undefined) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: newValue?.versionId,
    ReplicationStatus: replicationStatus(secret.replicas),
  };
}
