/** Whether this is `npm run prove`, which does the same as `npm test`, but more of it. */
export const proving = process.env.RENOVA_PROVE === '1';

/** For node:test's `skip`: what has no smaller amount is left to `npm run prove`. */
export const takesLong = proving ? false : 'npm run prove takes the minutes that it needs';

export interface Amount {
  /** In `npm test`: enough to see the behaviour once. */
  readonly test: number;
  /** In `npm run prove`. */
  readonly prove: number;
  /** The environment variable that sets another number. */
  readonly variable?: string;
}

/** How often, or for how long, a test does a thing. */
export function amount({ test, prove, variable }: Amount): number {
  const set = variable === undefined ? undefined : process.env[variable];
  if (set !== undefined) return Number(set);
  return proving ? prove : test;
}
