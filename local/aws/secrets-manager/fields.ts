import * as v from 'valibot';

/** A string of `min` to `max` characters, with the service's wording of the two bounds. */
export function text(min: number, max: number) {
  return v.pipe(
    v.string(),
    v.minLength(min, `Member must have length greater than or equal to ${min}`),
    v.maxLength(max, `Member must have length less than or equal to ${max}`),
  );
}

/** A whole number of `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return v.pipe(
    v.number(),
    v.integer('Member must be a whole number'),
    v.minValue(min, `Member must have value greater than or equal to ${min}`),
    v.maxValue(max, `Member must have value less than or equal to ${max}`),
  );
}

/** One of some words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return v.pipe(
    v.string(),
    v.check(
      (word) => words.includes(word),
      `Member must satisfy enum value set: [${[...words].sort().join(', ')}]`,
    ),
    v.transform((word) => word as Words[number]),
  );
}

/** A list of `min` to `max` items. */
export function listOf<Item extends v.GenericSchema>(item: Item, min: number, max: number) {
  return v.pipe(
    v.array(item),
    v.minLength(min, `Member must have length greater than or equal to ${min}`),
    v.maxLength(max, `Member must have length less than or equal to ${max}`),
  );
}

/** Name or ARN of a secret. */
export const secretId = text(1, 2048);
/** Id of a version; it comes from the ClientRequestToken of the request that wrote the version. */
export const versionId = text(32, 64);
/** A staging label. */
export const versionStage = text(1, 256);
/** An opaque mark of where the next page starts. */
export const nextToken = text(1, 4096);
/** Free text about a secret. */
export const description = text(0, 2048);
/** ARN, id or alias of a KMS key; stored and shown, never used. */
export const kmsKeyId = text(0, 2048);
/** The partner that holds a managed external secret; stored and shown, never used. */
export const externalType = v.string();

/** `Tags` of CreateSecret and TagResource. */
export const tags = v.array(v.object({ Key: text(1, 128), Value: v.optional(text(0, 256), '') }));

const FILTER_KEYS = [
  'description',
  'name',
  'tag-key',
  'tag-value',
  'primary-region',
  'owning-service',
  'all',
] as const;

const filterValue = v.pipe(
  text(0, 512),
  v.regex(
    /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/,
    'Member must satisfy regular expression pattern: ^\\!?[a-zA-Z0-9 :_@\\/\\+\\=\\.\\-\\!]*$',
  ),
);

/** `Filters` of ListSecrets and BatchGetSecretValue. */
export const filters = listOf(
  v.object({ Key: oneOf(FILTER_KEYS), Values: listOf(filterValue, 1, 10) }),
  0,
  10,
);

/** One member of `Filters`. */
export type Filter = v.InferOutput<typeof filters>[number];
