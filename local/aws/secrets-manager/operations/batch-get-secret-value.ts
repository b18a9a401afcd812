import * as v from 'valibot';
import { invalidParameter, ServiceError } from '../errors.ts';
import { filters, listOf, nextToken, secretId, wholeNumber } from '../fields.ts';
import { matchesFilters } from '../filters.ts';
import { defineOperation, type OperationContext } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { readValue } from '../value-reading.ts';

const MAX_SECRETS = 20;

const request = v.object({
  SecretIdList: v.optional(listOf(secretId, 1, MAX_SECRETS)),
  Filters: v.optional(filters),
  MaxResults: v.optional(wholeNumber(1, MAX_SECRETS)),
  NextToken: v.optional(nextToken),
});

/**
 * BatchGetSecretValue: the current values of up to 20 named secrets, or of those that pass filters, page by
 * page. What cannot be read stands in `Errors`; the rest is answered all the same.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
 */
export const batchGetSecretValue = defineOperation(request, (context, input) => {
  if ((input.SecretIdList === undefined) === (input.Filters === undefined)) {
    throw invalidParameter('You must include Filters or SecretIdList, but not both.');
  }
  if (input.SecretIdList) {
    if (input.MaxResults !== undefined || input.NextToken !== undefined) {
      throw invalidParameter('To use MaxResults or NextToken, you must also use Filters.');
    }
    return readAll(context, input.SecretIdList);
  }
  const matching = context.secrets
    .all()
    .filter((secret) => secret.deletionAtMs === undefined && matchesFilters(secret, input.Filters ?? []));
  const page = pageOf(matching, ({ createdAtMs, name }) => [createdAtMs, name], {
    maxResults: input.MaxResults ?? MAX_SECRETS,
    nextToken: input.NextToken,
    list: 'BatchGetSecretValue',
  });
  const names = page.page.map(({ name }) => name);
  return { ...readAll(context, names), NextToken: page.nextToken };
});

function readAll(context: OperationContext, secretIds: readonly string[]) {
  const values: object[] = [];
  const errors: object[] = [];
  for (const id of secretIds) {
    try {
      values.push(readValue(context, context.secrets.getUsable(id), {}));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({ SecretId: id, ErrorCode: error.code, Message: error.message });
    }
  }
  return { SecretValues: values, Errors: errors };
}
