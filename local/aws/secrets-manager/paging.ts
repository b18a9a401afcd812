import { ServiceError } from './errors.ts';

/** What an item is sorted by: something to compare, then a name that no two items share. */
export type SortKey = readonly [number | string, string];

/** Which page a request asks for. */
export interface PageRequest {
  readonly maxResults: number;
  readonly nextToken?: string | undefined;
  readonly descending?: boolean | undefined;
  /** Names the list; a token of one list is refused by another. */
  readonly list: string;
}

/**
 * Sorts and cuts out one page. The token holds the key of the page's last item, not a position, so items
 * that come or go between two pages make nobody skip or repeat another one. Rejects with
 * `InvalidNextTokenException`.
 */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => SortKey,
  { maxResults, nextToken, descending = false, list }: PageRequest,
): { page: Item[]; nextToken: string | undefined } {
  const direction = descending ? -1 : 1;
  const compare = (left: SortKey, right: SortKey) => direction * compareKeys(left, right);
  const last = nextToken === undefined ? undefined : readToken(nextToken, list);
  const rest = items
    .filter((item) => last === undefined || compare(keyOf(item), last) > 0)
    .sort((left, right) => compare(keyOf(left), keyOf(right)));
  const page = rest.slice(0, maxResults);
  const end = page.at(-1);
  return { page, nextToken: end && rest.length > maxResults ? writeToken(keyOf(end), list) : undefined };
}

function compareKeys(left: SortKey, right: SortKey): number {
  if (left[0] !== right[0]) return left[0] < right[0] ? -1 : 1;
  if (left[1] === right[1]) return 0;
  return left[1] < right[1] ? -1 : 1;
}

function writeToken(key: SortKey, list: string): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

function readToken(token: string, list: string): SortKey {
  try {
    const [tokenList, first, name] = JSON.parse(Buffer.from(token, 'base64url').toString());
    const sortable = typeof first === 'number' || typeof first === 'string';
    if (tokenList === list && sortable && typeof name === 'string') return [first, name];
  } catch {
    // Refused below, like every other token that was not given out for this list.
  }
  throw new ServiceError('InvalidNextTokenException', 'The NextToken value is invalid.');
}
