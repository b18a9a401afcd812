/** What an error code says of the post: the kind of its outcome. */
export type ErrorMeaning = 'refused-grant' | 'refused-client' | 'throttled' | 'unknown';

/**
 * Every error code that is recognised, with what it means for the refresh token: RFC 6749 §5.2 and §4.1.2.1, RFC 6750
 * §3.1, RFC 8628 §3.5, RFC 8707, OpenID Connect Core §3.1.2.6, and the names that providers have of their own (GitHub
 * `bad_refresh_token`, HubSpot `BAD_REFRESH_TOKEN`, Slack `invalid_refresh_token`, Spring `invalid_token`, Zoho
 * `invalid_code`, Supabase `refresh_token_not_found`, Entra `interaction_required`). Only these become a `reason`.
 */
export const ERROR_CODES = {
  invalid_grant: 'refused-grant',
  invalid_token: 'refused-grant',
  invalid_code: 'refused-grant',
  invalid_refresh_token: 'refused-grant',
  bad_refresh_token: 'refused-grant',
  unknown_refresh_token: 'refused-grant',
  expired_refresh_token: 'refused-grant',
  revoked_refresh_token: 'refused-grant',
  inactive_refresh_token: 'refused-grant',
  malformed_refresh_token: 'refused-grant',
  refresh_token_invalid: 'refused-grant',
  refresh_token_expired: 'refused-grant',
  refresh_token_revoked: 'refused-grant',
  refresh_token_inactive: 'refused-grant',
  refresh_token_not_found: 'refused-grant',
  refresh_token_used: 'refused-grant',
  refresh_token_reused: 'refused-grant',
  refresh_token_already_used: 'refused-grant',
  refresh_token_mismatch: 'refused-grant',
  expired_token: 'refused-grant',
  revoked_token: 'refused-grant',
  inactive_token: 'refused-grant',
  unknown_token: 'refused-grant',
  token_expired: 'refused-grant',
  token_revoked: 'refused-grant',
  token_invalid: 'refused-grant',
  token_inactive: 'refused-grant',
  token_not_found: 'refused-grant',
  expired_grant: 'refused-grant',
  revoked_grant: 'refused-grant',
  grant_expired: 'refused-grant',
  grant_revoked: 'refused-grant',
  grant_not_found: 'refused-grant',
  consent_required: 'refused-grant',
  consent_revoked: 'refused-grant',
  login_required: 'refused-grant',
  interaction_required: 'refused-grant',
  authorization_revoked: 'refused-grant',
  session_expired: 'refused-grant',
  session_not_found: 'refused-grant',
  invalid_client: 'refused-client',
  unauthorized_client: 'refused-client',
  invalid_request: 'refused-client',
  invalid_scope: 'refused-client',
  unsupported_grant_type: 'refused-client',
  invalid_target: 'refused-client',
  access_denied: 'refused-client',
  insufficient_scope: 'refused-client',
  invalid_client_id: 'refused-client',
  invalid_client_secret: 'refused-client',
  invalid_client_credentials: 'refused-client',
  incorrect_client_credentials: 'refused-client',
  bad_client_secret: 'refused-client',
  unknown_client: 'refused-client',
  client_not_found: 'refused-client',
  deleted_client: 'refused-client',
  disabled_client: 'refused-client',
  redirect_uri_mismatch: 'refused-client',
  slow_down: 'throttled',
  rate_limit: 'throttled',
  rate_limited: 'throttled',
  rate_limit_exceeded: 'throttled',
  request_limit_exceeded: 'throttled',
  too_many_requests: 'throttled',
  quota_exceeded: 'throttled',
  authorization_pending: 'unknown',
  server_error: 'unknown',
  temporarily_unavailable: 'unknown',
  service_unavailable: 'unknown',
  internal_error: 'unknown',
  internal_server_error: 'unknown',
} as const satisfies Readonly<Record<string, ErrorMeaning>>;

export type ErrorCode = keyof typeof ERROR_CODES;

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** "Access Denied" is what a firewall says. Such a code counts only when it is spelt as one. */
const ALSO_WORDS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'access_denied',
  'insufficient_scope',
  'server_error',
  'service_unavailable',
  'internal_error',
  'internal_server_error',
]);

const BY_SPELLING: ReadonlyMap<string, ErrorCode> = new Map(
  CODES.flatMap((code): [string, ErrorCode][] =>
    ALSO_WORDS.has(code)
      ? [[code, code]]
      : [
          [code, code],
          [code.replaceAll('_', ''), code],
        ],
  ),
);

/** The code that a value is: in any case, also as `invalidGrant`, `bad-refresh-token` or `Too Many Requests`. Pure. */
export function codeOf(value: string): ErrorCode | undefined {
  const word = value.trim().toLowerCase();
  return BY_SPELLING.get(word) ?? BY_SPELLING.get(word.replaceAll(/[-_ .]/g, ''));
}

// A code in a sentence: as it is spelt, or a name of a refresh token in words ("Invalid refresh token").
const SPELLINGS = CODES.map((code) =>
  code.includes('refresh_token') ? code.replaceAll('_', '[-_ ]?') : code,
).toSorted((one, other) => other.length - one.length);
const MENTION = new RegExp(`(?<![A-Za-z0-9_])(?:${SPELLINGS.join('|')})(?![A-Za-z0-9_])`, 'gi');

/** What may stand before and after a code that is stated, and not only spoken of. */
const BEFORE = /(?:^|[:=("'[>;,])\s*$/;
const AFTER = /^\s*(?:$|[.,:;!)\]"'<&]|[-–—]\s)/;

/**
 * The one code that a text states: at its start, or after a colon, a bracket or a quote, with nothing behind it that
 * goes on the sentence. "Error: invalid_grant." states one; "after 5 invalid_grant errors the client is blocked" and
 * "invalid_grant or invalid_client" state none. Pure.
 */
export function codeStatedIn(text: string): ErrorCode | undefined {
  const mentions = [...text.matchAll(MENTION)];
  const codes = new Set(mentions.map(([word]) => codeOf(word)));
  const [only] = codes;
  if (codes.size !== 1 || only === undefined) return undefined;
  const isStated = mentions.every(({ 0: word, index }) => {
    const after = text.slice(index + word.length, index + word.length + 8);
    return BEFORE.test(text.slice(Math.max(0, index - 8), index)) && AFTER.test(after);
  });
  return isStated ? only : undefined;
}
