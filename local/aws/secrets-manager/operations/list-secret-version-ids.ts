import * as v from 'valibot';
import { nextToken, secretId, wholeNumber } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { epochSeconds } from '../stored-secret.ts';

const MAX_RESULTS = 100;

const request = v.object({
  SecretId: secretId,
  MaxResults: v.optional(wholeNumber(1, MAX_RESULTS), MAX_RESULTS),
  NextToken: v.optional(nextToken),
  IncludeDeprecated: v.optional(v.boolean(), false),
});

/**
 * ListSecretVersionIds, oldest first, page by page; versions without a label only on demand.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
 */
export const listSecretVersionIds = defineOperation(request, ({ secrets }, input) => {
  const secret = secrets.get(input.SecretId);
  const listed = secret.versions.filter(({ stages }) => input.IncludeDeprecated || stages.length > 0);
  const { page, nextToken: next } = pageOf(listed, ({ createdAtMs, id }) => [createdAtMs, id], {
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
    list: `ListSecretVersionIds ${secret.arn}`,
  });
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: page.map((version) => ({
      VersionId: version.id,
      VersionStages: version.stages.length > 0 ? version.stages : undefined,
      LastAccessedDate: epochSeconds(version.lastAccessedAtMs),
      CreatedDate: epochSeconds(version.createdAtMs),
      KmsKeyIds: [secret.kmsKeyId ?? 'DefaultEncryptionKey'],
    })),
    NextToken: next,
  };
});
