import * as v from 'valibot';
import { description, externalType, kmsKeyId, secretId } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { newValueOf, valueFields } from '../secret-value.ts';
import { withNewVersion } from '../versions.ts';

const request = v.object({
  SecretId: secretId,
  ...valueFields,
  Description: v.optional(description),
  KmsKeyId: v.optional(kmsKeyId),
  Type: v.optional(externalType),
});

/**
 * UpdateSecret: metadata, and a new version labelled AWSCURRENT when the request has a value. Members that
 * are left out stay as they are.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
 */
export const updateSecret = defineOperation(request, ({ secrets, nowMs, dayMs }, input) => {
  const newValue = newValueOf(input);
  const secret = secrets.getUsable(input.SecretId);

  secrets.commit({
    ...secret,
    description: input.Description ?? secret.description,
    kmsKeyId: input.KmsKeyId ?? secret.kmsKeyId,
    externalType: input.Type ?? secret.externalType,
    lastChangedAtMs: nowMs,
    versions: newValue ? withNewVersion(secret, newValue, undefined, { nowMs, dayMs }) : secret.versions,
  });
  return { ARN: secret.arn, Name: secret.name, VersionId: newValue?.versionId };
});
