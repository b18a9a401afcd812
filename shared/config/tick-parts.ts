/**
 * Parts of a tick that both the schedule and the arithmetic of a quota go by: what registration admits is what ticks can
 * keep.
 */

/** A renewal that the next tick would make with less than this left to the token is made when it is due. */
export const SPARE_TICKS = 1.25;
/** Renewals of one credential are no closer, as long as its token lives for longer. */
export const LEAST_APART_TICKS = 0.875;
/** Nor does a renewal come closer to the end of its token than this because of that. */
export const LEAST_LEFT_TICKS = 1 / 6;
/** No token may come closer to its end than this when another that lives longer goes before it. */
export const GUARD_TICKS = 1 / 3;
