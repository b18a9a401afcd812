/** What a function is given to run with; the CDK app and the local stack both read it. */
export interface FunctionSettings {
  /** A run that takes longer is ended and counts as failed. */
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** The three functions by their role; {@link names} says what they are called in an environment. */
export const FUNCTIONS = {
  /** Two ticks' time: a tick begins nothing in its last seconds, and what has begun must be able to end. */
  refresh: { timeoutSeconds: 120, memoryMb: 512 },
  /** Longer than a reader waits for a refresh in flight. */
  read: { timeoutSeconds: 15, memoryMb: 256 },
  /** Covers a first login or a forced refresh, which the refresh function does for it. */
  admin: { timeoutSeconds: 60, memoryMb: 256 },
} as const satisfies Record<string, FunctionSettings>;

export type FunctionRole = keyof typeof FUNCTIONS;
