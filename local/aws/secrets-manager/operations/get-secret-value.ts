import * as v from 'valibot';
import { secretId, versionId, versionStage } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { readValue } from '../value-reading.ts';

const request = v.object({
  SecretId: secretId,
  VersionId: v.optional(versionId),
  VersionStage: v.optional(versionStage),
});

/**
 * GetSecretValue, by version id, by staging label, or AWSCURRENT.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export const getSecretValue = defineOperation(request, (context, input) =>
  readValue(context, context.secrets.getUsable(input.SecretId), {
    versionId: input.VersionId,
    stage: input.VersionStage,
  }),
);
