import type { QuotaLimit } from '../credential/settings.ts';

/**
 * The most permits that one item of the quota table holds: about 50 bytes each, so 25 KB of the 400 KB that
 * DynamoDB allows, and what every grant writes at full load.
 */
export const MAX_TRACKED = 500;

/**
 * The window that is really kept for a quota. A quota of any size fits into an item: a large one is cut into equal
 * parts of at most {@link MAX_TRACKED} requests. Any window of the whole length is covered by as many windows of
 * a part as there are parts, so the limit holds exactly; what is lost is the right to use it all at once.
 *
 *     2000 a minute   4 × 500 in 15 s each
 */
export function trackedWindow({ limit, windowMs }: QuotaLimit): Pick<QuotaLimit, 'limit' | 'windowMs'> {
  const parts = Math.ceil(limit / MAX_TRACKED);
  return { limit: Math.floor(limit / parts), windowMs: windowMs / parts };
}
