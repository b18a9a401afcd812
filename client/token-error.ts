/**
 * Why there is no token. `code` is the one of the read API (`credential-lapsed`, `refresh-pending`, …), or
 * `unavailable` (no answer that could be understood), `forbidden` (IAM refuses), `no-live-token` (nothing that lives
 * is published), `insecure-url` (a token may not be sent there).
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: string;
  /** True if asking again may help, after `retryAfterSeconds` if that is known. */
  readonly isTemporary: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options: TokenErrorOptions = {}) {
    super(message);
    this.code = code;
    this.isTemporary = options.isTemporary ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** Nobody answered, or not in a way that can be understood. */
  static unavailable(what: string): TokenError {
    return new TokenError('unavailable', `${what} does not answer. Try again.`, { isTemporary: true });
  }
}

interface TokenErrorOptions {
  readonly isTemporary?: boolean;
  readonly retryAfterSeconds?: number | undefined;
}
