import { invalidParameter } from './errors.ts';
import type { Tag } from './stored-secret.ts';

/** The most tags on one secret. */
const MAX_TAGS = 50;

/**
 * Tags after some were added; a key that was there gets the new value. Rejects with
 * `InvalidParameterException` for a key given twice, a key that AWS keeps for itself, and above 50 tags.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/arg.html#taged-reference-quotas
 */
export function withTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const keys = added.map(({ Key }) => Key);
  if (new Set(keys).size < keys.length) {
    throw invalidParameter('Tags has a key twice. Give each key once; keys are case-sensitive.');
  }
  if (keys.some((key) => /^aws:/i.test(key))) {
    throw invalidParameter('Tag keys that start with aws: are reserved for AWS. Choose another key.');
  }
  const merged = new Map([...tags, ...added].map(({ Key, Value }) => [Key, Value]));
  if (merged.size > MAX_TAGS) {
    throw invalidParameter(`A secret can have ${MAX_TAGS} tags. Remove one that is not needed.`);
  }
  return [...merged].map(([Key, Value]) => ({ Key, Value }));
}
