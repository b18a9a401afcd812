/**
 * Why a request for a token brought none, as a short code. Renova's own are a closed list, each with its meaning; those
 * of others have open ends, and a form. No reason is ever a text of the provider's (I7).
 */
export type FailureReason = OwnReason | MissingPart | HttpReason | OAuthReason | ForeignCode;

/** `http-503`: the status of an answer that says nothing else. */
export type HttpReason = `http-${number}`;

/** An OAuth error code: `invalid_client`, `invalid_scope`, or a provider's own name for one. */
export type OAuthReason = `${string}_${string}`;

/** The settings lack something without which there is no request: `missing-refresh-token`. */
export type MissingPart = `missing-${string}`;

/** A code of Node, OpenSSL, the HTTP parser or AWS: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `AccessDeniedException`. */
export type ForeignCode = Capitalize<string>;

/** Renova's own reasons, each as the end of a sentence that begins with what failed. */
export const OWN_REASONS = {
  'send-deadline': 'no connection was ready in time',
  'connect-failed': 'no connection came about',
  'connection-closed': 'the connection was closed too early',
  'connection-failed': 'the connection broke',
  'answer-deadline': 'no answer came in time; for a slow provider raise answer_seconds',
  'empty-body': 'the answer was empty',
  'not-json': 'the answer was a page or another text without a token',
  'too-long': 'the answer did not end',
  'not-http': 'the answer was not HTTP',
  'no-token': 'the answer held no token',
  'no-access-token': 'the answer held a refresh token and no access token',
  'no-refresh-token': 'the answer held no refresh token',
  'answer-unreadable': 'the answer may hold tokens and could not be read',
  'unrecognised-error': 'the answer was an error that is not known',
  'invalid-token-url': 'the token URL cannot be used',
  'invalid-network-url': 'the network URL cannot be used',
  'invalid-server-name': 'the host of the token URL is not a name that TLS can use',
  'invalid-private-key': 'the private key cannot be read, or does not fit its algorithm or certificate',
  'invalid-certificate': 'the certificate cannot be read',
  'invalid-ca': 'the certificate authority cannot be read',
  'invalid-header': 'a header cannot be sent',
  'remote-provider':
    'the local stack posts to this machine alone, unless started with --allow-remote-provider',
  'unbuildable-request': 'no request can be made from the settings',
  'incomplete-token-request': 'the settings and the client secret do not make a request',
  'invalid-client-secret': 'its client secret is gone or cannot be used',
  'secret-not-found': 'a secret is gone',
  'invalid-key-ring': 'a seal key ring is gone or cannot be used',
  'unknown-seal-key': 'the seal key of its tokens is gone',
  'broken-seal': 'its sealed tokens were altered',
  'store-unavailable': 'a store did not answer',
  'unprintable-access-token':
    'the access token has characters that no HTTP header can carry (RFC 6749, appendix A.12)',
  'damaged-record': 'its record in the ledger was changed, and not by Renova',
  'token-too-large': 'the token is larger than a secret can be, 65,536 bytes',
  'no-trace': 'attempts ended before they could say how',
  'no-permit': 'its quota had no permit for it',
  'no-time': 'too little time was left',
  'previous-chain': 'the new refresh token brought nothing',
  unexpected: 'something happened that Renova does not know',
} as const satisfies Readonly<Record<string, string>>;

export type OwnReason = keyof typeof OWN_REASONS;

const FOREIGN_CODE = /^[A-Z][\w.-]{0,63}$/;

/** True for a code of another program's, as it may be shown: begins with a capital, and is one word. */
export function isForeignCode(value: unknown): value is ForeignCode {
  return typeof value === 'string' && FOREIGN_CODE.test(value);
}

/** The reason of an error that kept a refresh from its start: the code of what caused it, or its own. Pure. */
export function reasonOfError({
  code,
  reason,
}: {
  readonly code?: string;
  readonly reason?: string;
}): FailureReason {
  const known = [reason, code].find((each) => isForeignCode(each) || isOwnReason(each));
  return isForeignCode(known) || isOwnReason(known) ? known : 'unexpected';
}

/** True for one of Renova's own codes. */
export function isOwnReason(value: unknown): value is OwnReason {
  return typeof value === 'string' && Object.hasOwn(OWN_REASONS, value);
}

/**
 * `reason` in brackets, with what it means where that is more than the code says and than what was `said` before:
 * ` (no answer came in time)`.
 */
export function reasonInWords(reason: string | undefined, said?: string): string {
  if (reason === undefined) return '';
  const words = isOwnReason(reason) && OWN_REASONS[reason] !== said ? `${OWN_REASONS[reason]}: ` : '';
  return ` (${words}${reason})`;
}
