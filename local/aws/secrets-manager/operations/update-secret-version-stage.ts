import * as v from 'valibot';
import { secretId, versionId, versionStage } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { moveStage } from '../staging-labels.ts';

const request = v.object({
  SecretId: secretId,
  VersionStage: versionStage,
  RemoveFromVersionId: v.optional(versionId),
  MoveToVersionId: v.optional(versionId),
});

/**
 * UpdateSecretVersionStage: attaches, moves or removes one staging label.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export const updateSecretVersionStage = defineOperation(request, ({ secrets, nowMs }, input) => {
  const secret = secrets.getUsable(input.SecretId);
  const versions = moveStage(secret.versions, {
    stage: input.VersionStage,
    removeFromVersionId: input.RemoveFromVersionId,
    moveToVersionId: input.MoveToVersionId,
  });
  secrets.commit({ ...secret, versions, lastChangedAtMs: nowMs });
  return { ARN: secret.arn, Name: secret.name };
});
