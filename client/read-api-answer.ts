import { ageSeconds, freshSeconds, retryAfterSeconds } from './answer-headers.ts';
import { awsErrorCode, signatureError } from './refused-signature.ts';
import { callMembers, newToken, type Token } from './token.ts';
import { TokenError } from './token-error.ts';

/**
 * The token of an answer that was asked for at `askedAtMs`: of the text of a 200, or the held one that a 304 confirms.
 * Throws `TokenError`.
 */
export function tokenOf(response: Response, given: string | Token, askedAtMs: number): Token {
  const { headers } = response;
  const { accessToken, ...rest } =
    typeof given === 'string' ? read(given, askedAtMs - ageSeconds(headers) * 1000) : withToken(given);
  const holdUntilMs = Math.min(askedAtMs + freshSeconds(headers) * 1000, rest.expiresAtMs);
  return newToken(accessToken, { ...rest, holdUntilMs });
}

function withToken(token: Token) {
  return { ...token, accessToken: token.accessToken };
}

/** Members of the answer, whose life began at `sinceMs` at the latest. */
function read(text: string, sinceMs: number) {
  const answer = parsed(text) ?? {};
  const { access_token, token_type, scope, generation, expires_in, issued_at } = answer;
  if (typeof access_token !== 'string' || typeof generation !== 'number' || typeof expires_in !== 'number') {
    throw TokenError.unavailable('The read API');
  }
  if (expires_in <= 0) {
    throw new TokenError('no-live-token', 'The read API has no token that lives.', { isTemporary: true });
  }
  const issuedAtMs = Date.parse(String(issued_at));
  return {
    accessToken: access_token,
    tokenType: String(token_type ?? 'Bearer'),
    scope: String(scope ?? ''),
    generation,
    expiresAtMs: sinceMs + expires_in * 1000,
    issuedAtMs: Number.isNaN(issuedAtMs) ? undefined : issuedAtMs,
    ...callMembers(answer),
  };
}

/** When an error answer came, and how far the clock of its signature was off, if that is too far. */
interface Arrival {
  readonly nowMs: number;
  readonly offMs: number | undefined;
}

/** The error of a problem document (RFC 9457), or of an answer that is none, such as the gateway's own. */
export function problemOf(response: Response, text: string, { nowMs, offMs }: Arrival): TokenError {
  const { status, headers } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400 && status !== 304)) {
    return redirected();
  }
  const { code, detail } = parsed(text) ?? {};
  const isTemporary = status >= 500 || status === 429;
  const retry = { isTemporary, retryAfterSeconds: retryAfterSeconds(headers, nowMs) };
  if (typeof code === 'string') return new TokenError(code, String(detail ?? code), retry);
  if (status === 401 || status === 403) {
    return (
      signatureError('The read API', awsErrorCode(response), offMs) ??
      new TokenError(
        'forbidden',
        `The read API refuses the caller (HTTP ${status}): check its IAM policy, and that its requests are signed.`,
      )
    );
  }
  return new TokenError('unavailable', `The read API answers HTTP ${status}.`, retry);
}

/** The answer is, or comes from, another place than the one that was named. */
export function redirected(): TokenError {
  return new TokenError(
    'redirected',
    'The read API redirects, and a token is not asked for elsewhere: give the URL of the API itself.',
  );
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
