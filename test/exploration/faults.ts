/** What can go wrong with one call. */
export const FAULTS = [
  /** It takes effect, and the process ends. (Before a call is after the one before it.) */
  'crash',
  /** It takes effect, and the process stands still for longer than a lease. */
  'freeze',
  /** It is refused: a throttle. The provider answers 429. */
  'throttle',
  /** It takes effect, and the answer is lost. */
  'lost answer',
  /** It is on its way for so long that its caller gives up; it takes effect later. */
  'late write',
  /** It takes effect at once, and the answer takes its time. */
  'late answer',
  /** A read of the vault that does not see the last write yet. */
  'stale read',
] as const;
export type Fault = (typeof FAULTS)[number];
