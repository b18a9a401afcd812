import * as v from 'valibot';
import { ServiceError } from '../errors.ts';
import { listOf, secretId, versionStage } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { newValueOf, valueFields } from '../secret-value.ts';
import { withNewVersion } from '../versions.ts';

const request = v.object({
  SecretId: secretId,
  ...valueFields,
  VersionStages: v.optional(listOf(versionStage, 1, 20)),
});

/**
 * PutSecretValue: one new version, under the version quota. The same token and value again succeed and
 * change nothing, wherever the labels are by now.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export const putSecretValue = defineOperation(request, ({ secrets, nowMs, dayMs }, input) => {
  const newValue = newValueOf(input);
  if (!newValue) {
    throw new ServiceError(
      'InvalidRequestException',
      'You must provide either SecretString or SecretBinary.',
    );
  }
  const secret = secrets.getUsable(input.SecretId);

  const versions = withNewVersion(secret, newValue, input.VersionStages, { nowMs, dayMs });
  if (versions !== secret.versions) secrets.commit({ ...secret, versions, lastChangedAtMs: nowMs });

  const written = versions.find(({ id }) => id === newValue.versionId);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: newValue.versionId,
    VersionStages: written?.stages,
  };
});
