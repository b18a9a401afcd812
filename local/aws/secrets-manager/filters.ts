import type { Filter } from './fields.ts';
import type { StoredSecret } from './stored-secret.ts';

/**
 * Whether a secret passes every filter. A filter passes when one of its values matches; a value that starts
 * with `!` excludes what the rest of it matches.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html
 */
export function matchesFilters(secret: StoredSecret, filters: readonly Filter[]): boolean {
  return filters.every(({ Key, Values }) => {
    const excluded = Values.filter((value) => value.startsWith('!'));
    const wanted = Values.filter((value) => !value.startsWith('!'));
    if (excluded.some((value) => MATCHERS[Key](secret, value.slice(1)))) return false;
    return wanted.length === 0 || wanted.some((value) => MATCHERS[Key](secret, value));
  });
}

type Matcher = (secret: StoredSecret, value: string) => boolean;

const MATCHERS: Record<Filter['Key'], Matcher> = {
  name: (secret, value) => secret.name.startsWith(value),
  description: ({ description = '' }, value) => description.toLowerCase().startsWith(value.toLowerCase()),
  'tag-key': ({ tags }, value) => tags.some(({ Key }) => Key.startsWith(value)),
  'tag-value': ({ tags }, value) => tags.some(({ Value }) => Value.startsWith(value)),
  'primary-region': ({ region }, value) => region.startsWith(value),
  // No secret of the emulator is managed by another service.
  'owning-service': () => false,
  all: (secret, value) => {
    const attributes = searchable(secret);
    const words = value.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => attributes.some((attribute) => attribute.includes(word)));
  },
};

function searchable({ name, description = '', region, tags }: StoredSecret): string[] {
  const attributes = [name, description, region, ...tags.flatMap(({ Key, Value }) => [Key, Value])];
  return attributes.map((attribute) => attribute.toLowerCase());
}
