/** Error codes of the token endpoint (RFC 6749 §5.2, RFC 8628 §3.5). */
export type TokenErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  // RFC 8628 §3.5.
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token';

/**
 * A token request that is refused. `code` is the `error` of the answer, the message its
 * `error_description`: it names the parameter and what to do, never a value that was sent.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: TokenErrorCode;

  constructor(code: TokenErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** 401 for a client that did not prove who it is, 400 for everything else (RFC 6749 §5.2). */
  get status(): 400 | 401 {
    return this.code === 'invalid_client' ? 401 : 400;
  }
}

/**
 * A refresh token that was spent before is presented again. Its own class because the sandbox counts it:
 * it is what a client that lost an answer, or refreshed twice at once, looks like from the provider.
 */
export class SpentRefreshTokenError extends TokenError {
  constructor() {
    super('invalid_grant', 'refresh_token: was used before; use the one that the last answer carried');
  }
}

/** A grant has had its tokens for now: its provider counts them one grant at a time. */
export class TooManyTokensError extends Error {
  override readonly name = 'TooManyTokensError';
  readonly code = 'too_many_requests';
  /** How long until one more would be granted. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('more tokens of this grant than the quota allows; see Retry-After');
    this.retryAfterMs = retryAfterMs;
  }
}
