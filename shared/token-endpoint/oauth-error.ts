import type { Outcome } from './token-endpoint.ts';

/**
 * The error codes that are recognised, and so the only ones that can become a `reason`: RFC 6749 §5.2, the
 * two of §4.1.2.1 that servers also use here, RFC 6750 §3.1's, RFC 8707's.
 */
const CODES = [
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  'invalid_scope',
  'unsupported_grant_type',
  'access_denied',
  'invalid_token',
  'insufficient_scope',
  'invalid_target',
  'server_error',
  'temporarily_unavailable',
] as const;

export type OAuthErrorCode = (typeof CODES)[number];

const CODE_WORDS = new RegExp(`(?<![A-Za-z0-9_])(?:${CODES.join('|')})(?![A-Za-z0-9_])`, 'gi');

/**
 * The error code in an answer: the `error` member of a JSON object if it is a known code; else the one
 * known code that is written in the body, whatever its form (form-encoded, plain text, nested JSON); else the
 * one in `WWW-Authenticate`. A text with several different codes says nothing certain, so it has none.
 */
export function findErrorCode(
  errorMember: unknown,
  text: string,
  wwwAuthenticate: string | undefined,
): OAuthErrorCode | undefined {
  return (
    knownCode(errorMember) ?? onlyCodeIn(text) ?? (wwwAuthenticate ? onlyCodeIn(wwwAuthenticate) : undefined)
  );
}

/** What a definite error code means for the refresh token. */
export function outcomeOfErrorCode(code: OAuthErrorCode): Outcome {
  switch (code) {
    case 'invalid_grant':
      return { kind: 'refused-grant', reason: code };
    case 'server_error':
    case 'temporarily_unavailable':
      // A 500 or 503 by another name.
      return { kind: 'unknown', reason: code };
    default:
      return { kind: 'refused-client', reason: code };
  }
}

function knownCode(value: unknown): OAuthErrorCode | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return CODES.find((code) => code === word);
}

function onlyCodeIn(text: string): OAuthErrorCode | undefined {
  const found = new Set(text.match(CODE_WORDS)?.map((word) => word.toLowerCase()));
  const [only] = found;
  return found.size === 1 ? knownCode(only) : undefined;
}
