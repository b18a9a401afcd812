/** An access token and what Renova says of it. Times are Unix milliseconds by this machine's clock. */
export interface Token {
  /** Not enumerable: a token that is printed or put into JSON does not show it. */
  readonly accessToken: string;
  /** As the provider named it, `Bearer` as a rule. */
  readonly tokenType: string;
  readonly scope: string;
  /** Grows with every new token of the credential. */
  readonly generation: number;
  readonly expiresAtMs: number;
  /** The promise: nobody replaces the token before this, so it may be used until then without asking. */
  readonly holdUntilMs: number;
}

/** A token whose secret is there to be used, and not to be shown. */
export function newToken(accessToken: string, rest: Omit<Token, 'accessToken'>): Token {
  const token = Object.defineProperty({ ...rest }, 'accessToken', { value: accessToken, enumerable: false });
  return token as Token;
}

/** How a token source gets tokens. */
export interface Door {
  /** The current token. `held` is the one that the caller has. Rejects with `TokenError`. */
  ask(wish: RefreshTrigger): Promise<Token>;
  /** The current token, after the provider answered 401 to this generation; replaced first if need be. */
  refused(generation: number, wish: RefreshTrigger): Promise<Token>;
}

export interface RefreshTrigger {
  readonly held?: Token | undefined;
  /** How long the token must still live. */
  readonly minTtlSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
