import { LEAST_LEFT_TICKS } from '../config/tick-parts.ts';
import type { Timing } from '../config/timing.ts';
import type { QuotaLimit } from '../credential/settings.ts';

/**
 * The most permits that one item of the quota table holds: about 50 bytes each, so 25 KB of the 400 KB that
 * DynamoDB allows, and what every grant writes at full load.
 */
export const MAX_TRACKED = 500;

/** The parts of a window over which requests are spread must not lose more of the limit than this. */
const MOST_LOST = 0.1;

/** … and each must take more than one request. */
const LEAST_OF_PART = 2;

type Window = Pick<QuotaLimit, 'limit' | 'windowMs'>;

/**
 * The window that is really kept for a quota. A quota of any size fits into an item: a large one is cut into equal
 * parts of at most {@link MAX_TRACKED} requests. Any window of the whole length is covered by as many windows of
 * a part as there are parts, so the limit holds exactly; what is lost is the right to use it all at once.
 *
 *     2000 a minute   4 × 500 in 15 s each
 */
export function trackedWindow({ limit, windowMs }: QuotaLimit): Window {
  const parts = Math.ceil(limit / MAX_TRACKED);
  return { limit: Math.floor(limit / parts), windowMs: windowMs / parts };
}

/**
 * The part of a tracked window over which the schedule spreads its requests: about as long as a tick. In a window that
 * is longer than a token lives, a burst would use up what the tokens of the next minutes need, and come back with every
 * window. Only what nobody plans, a reader's renewal on demand, may come in a burst.
 *
 *     100 in 10 minutes   10 in any minute
 *     15 in 10 minutes    2 in any 86 s: 14 of them
 *     3 in 10 minutes     as it is: parts of single requests would make each wait for the one before
 */
export function spreadWindow(quota: QuotaLimit, tickMs: number): Window {
  const { limit, windowMs } = trackedWindow(quota);
  const most = Math.min(Math.floor(limit / LEAST_OF_PART), Math.floor(windowMs / tickMs + 1e-9));
  for (let parts = most; parts > 1; parts -= 1) {
    const ofPart = Math.floor(limit / parts);
    if (ofPart * parts >= limit * (1 - MOST_LOST)) return { limit: ofPart, windowMs: windowMs / parts };
  }
  return { limit, windowMs };
}

/** The durations that a quota goes by. */
export type QuotaTiming = Pick<Timing, 'quotaMarginMs' | 'quotaLatencyMs' | 'tickMs' | 'leaseMs'>;

/** After how long permits that were taken together are free again. */
export function roundMs(quota: QuotaLimit, timing: QuotaTiming): number {
  return spreadWindow(quota, timing.tickMs).windowMs + timing.quotaMarginMs + timing.quotaLatencyMs;
}

/**
 * Nobody but a token that is about to end has the last permit of a window where such a token, from when it is due, might
 * have to wait for the next one until it has ended.
 */
export function lendsLastPermit(lifeMs: number, quota: QuotaLimit, timing: QuotaTiming): boolean {
  const { limit, windowMs } = trackedWindow(quota);
  const backAfterMs = windowMs + timing.quotaMarginMs + timing.quotaLatencyMs;
  return windowMs / limit <= LEAST_LEFT_TICKS * timing.tickMs || lifeMs / 2 >= backAfterMs;
}

/** Of so many permits two are kept for tokens that end before permits come round again: more of them come together. */
const MANY = 8;

/** How many permits of a window those leave that may wait, where tokens are in need of the next one. */
export function keptPermits(lifeMs: number, quota: QuotaLimit, timing: QuotaTiming): number {
  const { limit } = trackedWindow(quota);
  if (keepsLastPermit(lifeMs, quota, timing)) return limit >= MANY ? 2 : 1;
  return limit > 1 && !lendsLastPermit(lifeMs, quota, timing) ? 1 : 0;
}

/** A token that ends before permits come round again has the last one of a window to itself: readers leave it. */
export function keepsLastPermit(lifeMs: number, quota: QuotaLimit, timing: QuotaTiming): boolean {
  return lifeMs < roundMs(quota, timing);
}
