/** What a function is given to run with; the CDK app and the local stack both read it. */
export interface FunctionSettings {
  /** A run that takes longer is ended and counts as failed. */
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** The three functions by their role; {@link names} says what they are called in an environment. */
export const FUNCTIONS = {
  /**
   * What a tick needs whose last attempt begins at the end of its budget, and not a second more: once it is over, no
   * process can wake up with an answer, and the refresh token may be posted again (`quietMs` in timing.ts).
   */
  refresh: { timeoutSeconds: 115, memoryMb: 512 },
  /** Longer than a reader waits for a refresh in flight. */
  read: { timeoutSeconds: 15, memoryMb: 256 },
  /** Covers a first login or a forced refresh of the slowest provider, which the refresh function does for it. */
  admin: { timeoutSeconds: 100, memoryMb: 256 },
} as const satisfies Record<string, FunctionSettings>;

export type FunctionRole = keyof typeof FUNCTIONS;

/** The function that posts alerts to a webhook, where the setting `webhook` asks for one. */
export const WEBHOOK_FUNCTION: FunctionSettings = { timeoutSeconds: 20, memoryMb: 256 };

/** How often an event is posted, and how far apart; what no attempt delivered is kept as a dead letter. */
export const WEBHOOK_ATTEMPTS = { most: 20, apartSeconds: 180 } as const;

/** Every file of `functions/` that is uploaded. */
export type FunctionBundle = FunctionRole | 'webhook';
export const FUNCTION_BUNDLES = [...Object.keys(FUNCTIONS), 'webhook'] as readonly FunctionBundle[];
