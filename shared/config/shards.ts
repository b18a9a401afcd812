/**
 * A schedule's part of what is due: the `index`-th, from 0, of `of`. Each partition key of the index by time belongs to
 * one of them, so that another number of schedules needs no change of what is stored.
 */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What a schedule sends where it is one of several. */
export interface TickInput {
  readonly shard: Shard;
}

/** Partition keys of the index by time, and so many schedules at most. */
export const BUCKETS = 8;

/** All that is due: what a single schedule works through. */
export const WHOLE: Shard = { index: 0, of: 1 };

/**
 * The partition key of a record in the index by time. What shares a quota is together, because one tick decides who goes
 * first.
 */
export function bucketOf({
  credential,
  quotaKey,
}: {
  readonly credential: string;
  readonly quotaKey?: string | undefined;
}): number {
  return hashOf(quotaKey === undefined ? `credential ${credential}` : `quota ${quotaKey}`) % BUCKETS;
}

/** The partition keys of a shard. */
export function bucketsOf({ index, of }: Shard): number[] {
  return Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((bucket) => bucket % of === index);
}

/** FNV-1a, and its upper half mixed in: the lowest bits alone hardly differ between ids that are alike. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}
