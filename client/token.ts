import { TokenError } from './token-error.ts';

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
  /** When the provider issued it, by Renova's clock; undefined if Renova does not say. */
  readonly issuedAtMs?: number | undefined;
  /** The login that the token descends from; only the published secrets say it. */
  readonly chain?: string | undefined;
  /** What API calls must send as `User-Agent`, where one is registered. */
  readonly userAgent?: string | undefined;
  /** Further members of the provider's answer that are registered to be published. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** What a header can hold, and a token may hold (RFC 6749 §A.12): visible ASCII, and spaces inside. */
const USABLE = /^[!-~](?:[ -~]*[!-~])?$/;

/** A token whose secret is there to be used, and not to be shown. Throws `TokenError` for one that no request can hold. */
export function newToken(accessToken: string, rest: Omit<Token, 'accessToken'>): Token {
  if (!USABLE.test(accessToken)) {
    const message =
      'The provider issued an access token that no HTTP header can hold: expected printable ASCII. Tell its operator.';
    throw new TokenError('unusable-token', message);
  }
  const token = Object.defineProperty({ ...rest }, 'accessToken', { value: accessToken, enumerable: false });
  return token as Token;
}

/** The members beside the token that API calls need, as the read API and the published secrets name them. */
export function callMembers(given: Readonly<Record<string, unknown>>): Pick<Token, 'userAgent' | 'fields'> {
  const { user_agent, fields } = given;
  return {
    ...(typeof user_agent === 'string' && USABLE.test(user_agent) ? { userAgent: user_agent } : {}),
    ...(typeof fields === 'object' && fields !== null && !Array.isArray(fields)
      ? { fields: fields as Readonly<Record<string, unknown>> }
      : {}),
  };
}

/** How a token source gets tokens. */
export interface Door {
  /** The current token. `held` is the one that the caller has, and trusts. Rejects with `TokenError`. */
  ask(need: TokenNeed): Promise<Token>;
  /** The current token, after the provider answered 401 to this one; replaced first if need be. */
  refused(token: Token, need: TokenNeed): Promise<Token>;
}

export interface TokenNeed {
  readonly held?: Token | undefined;
  /** How long the token must still live. */
  readonly minTtlSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
