import * as v from 'valibot';
import { filters, nextToken, oneOf, wholeNumber } from '../fields.ts';
import { matchesFilters } from '../filters.ts';
import { defineOperation } from '../operation.ts';
import { pageOf, type SortKey } from '../paging.ts';
import { descriptionMembers, labelledVersions, type StoredSecret } from '../stored-secret.ts';

const MAX_RESULTS = 100;
const SORT_BY = ['created-date', 'last-accessed-date', 'last-changed-date', 'name'] as const;

const request = v.object({
  IncludePlannedDeletion: v.optional(v.boolean(), false),
  MaxResults: v.optional(wholeNumber(1, MAX_RESULTS), MAX_RESULTS),
  NextToken: v.optional(nextToken),
  Filters: v.optional(filters, []),
  SortOrder: v.optional(oneOf(['asc', 'desc'])),
  SortBy: v.optional(oneOf(SORT_BY), 'created-date'),
});

/**
 * ListSecrets, page by page, by creation unless another order is asked for; secrets marked for deletion only
 * on demand.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
 */
export const listSecrets = defineOperation(request, ({ secrets }, input) => {
  const matching = secrets
    .all()
    .filter((secret) => input.IncludePlannedDeletion || secret.deletionAtMs === undefined)
    .filter((secret) => matchesFilters(secret, input.Filters));
  const { page, nextToken: next } = pageOf(matching, SORT_KEYS[input.SortBy], {
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
    descending: input.SortOrder === 'desc',
    list: `ListSecrets ${input.SortBy}`,
  });
  return {
    SecretList: page.map((secret) => ({
      ...descriptionMembers(secret),
      SecretVersionsToStages: labelledVersions(secret),
    })),
    NextToken: next,
  };
});

const SORT_KEYS: Record<(typeof SORT_BY)[number], (secret: StoredSecret) => SortKey> = {
  'created-date': ({ createdAtMs, name }) => [createdAtMs, name],
  'last-accessed-date': ({ lastAccessedAtMs = 0, name }) => [lastAccessedAtMs, name],
  'last-changed-date': ({ lastChangedAtMs, name }) => [lastChangedAtMs, name],
  name: ({ name }) => [name, name],
};
