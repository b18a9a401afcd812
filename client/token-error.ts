/**
 * Why there is no token. `code` is the one of the read API (`credential-lapsed`, `refresh-pending`, …), or
 *
 * - `unavailable`: no answer that can be understood
 * - `forbidden`: IAM refuses
 * - `expired-credentials`, `signature-refused`, `wrong-clock`: AWS does not take the caller's signature
 * - `no-live-token`: nothing that lives is to be had
 * - `unusable-token`: the provider issued a token that no HTTP header can hold
 * - `redirected`: the read API redirects; a token is not asked for elsewhere
 * - `insecure-url`: neither https nor this machine
 * - `invalid-option`: an option of the source cannot be used
 *
 * Neither message nor any other member holds a token.
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

  /** There is no answer, or none that can be understood; of the error that says so only the code is told. */
  static unavailable(what: string, error?: unknown): TokenError {
    const code = failureCode(error);
    const why = code === undefined ? '' : ` (${code})`;
    return new TokenError('unavailable', `${what} does not answer${why}. Try again.`, { isTemporary: true });
  }
}

interface TokenErrorOptions {
  readonly isTemporary?: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

/** The code of the network's error (`ECONNREFUSED`), which `fetch` has as its cause, or the name of the SDK's own. */
export function failureCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const codes = [error.cause, error].map((each) => (each as { readonly code?: unknown } | undefined)?.code);
  const known = [...codes, error.name].find((code) => typeof code === 'string' && CODE.test(code));
  return typeof known === 'string' ? known : undefined;
}

/** A name with more to say than that it is an error. */
const CODE = /^(?!(?:Type)?Error$)[A-Za-z][A-Za-z0-9_]{1,63}$/;
