import { dateMs } from './answer-headers.ts';
import { TokenError } from './token-error.ts';

/** AWS takes a signature whose time is five minutes off; `Date` has whole seconds, and an answer takes some. */
const MOST_SKEW_MS = 4 * 60_000 + 50_000;

/** Codes of AWS for credentials that were good once, or never. */
const BAD_CREDENTIALS = new Set([
  'ExpiredTokenException',
  'ExpiredToken',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
]);
/** Codes of AWS for a signature that is wrong, by its time or by its key. */
const BAD_SIGNATURE = new Set([
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignatureException',
  'RequestTimeTooSkewed',
  'RequestExpired',
  'RequestInTheFuture',
]);

/** How far this machine's clock is behind that of an answer, if that is more than a signature may be off. */
export function clockErrorMs({ headers }: Response, nowMs: number): number | undefined {
  const offMs = (dateMs(headers) ?? nowMs) - nowMs;
  return Math.abs(offMs) > MOST_SKEW_MS ? offMs : undefined;
}

/** The code that AWS gives a refusal, without what may follow it (`ExpiredTokenException:http://…`). */
export function awsErrorCode({ headers }: Response): string | undefined {
  return headers.get('x-amzn-errortype')?.split(':')[0]?.trim();
}

/**
 * What AWS has against the caller's signature, as an error; undefined if it has nothing against it, so that the caller
 * has no right. `offMs` is how far the clock is off, if that is known.
 */
export function signatureError(
  what: string,
  code: string | undefined,
  offMs: number | undefined,
): TokenError | undefined {
  const temporary = { isTemporary: true };
  if (code !== undefined && BAD_CREDENTIALS.has(code)) {
    const message = `${what} does not take the AWS credentials (${code}): they have expired, or are no longer valid. Get new ones.`;
    return new TokenError('expired-credentials', message, temporary);
  }
  if (offMs !== undefined) {
    const minutes = Math.round(Math.abs(offMs) / 60_000);
    const message = `${what} refuses the signature: the clock of this machine is ${minutes} minutes ${offMs > 0 ? 'slow' : 'fast'}. Set it.`;
    return new TokenError('wrong-clock', message, temporary);
  }
  if (code === undefined || !BAD_SIGNATURE.has(code)) return undefined;
  const message = `${what} refuses the signature (${code}): check the clock of this machine, the secret access key and the region.`;
  return new TokenError('signature-refused', message, temporary);
}
