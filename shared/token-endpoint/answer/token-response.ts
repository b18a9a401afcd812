import type { IncomingHttpHeaders } from 'node:http';
import type { FailureReason } from '../../failure/reasons.ts';
import { Secret } from '../../secret/secret.ts';
import type { LoginCode, Outcome } from '../token-endpoint.ts';
import { type AnswerReading, readAnswer, rootObject } from './answer-reading.ts';
import { MAX_KEPT_BYTES } from './answer-text.ts';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { findTokens } from './find-tokens.ts';
import { joinChunks, withoutChunkLines } from './http-answer.ts';
import { challengedCode, outcomeOfErrorCode, type StatedError, statedError } from './oauth-error.ts';
import { httpDateMs, retryAfterSeconds } from './retry-after.ts';
import { tokenResponseFrom } from './token-members.ts';
import { namesToken } from './token-names.ts';

/** An answer as it came off the wire, whole or not. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body by its head. */
  readonly body: Uint8Array;
  /** Everything that came after the head, if that may be more, or not what the head says. */
  readonly unframed?: Uint8Array;
  /** Why the rest of the body did not come: a reason code for an outcome that turns out `unknown`. */
  readonly cutOffBy?: FailureReason;
}

/** What is known of the request that an answer belongs to. */
export interface AnsweredRequest {
  /** The refresh token that was posted: where an answer repeats it, nothing new came. */
  readonly refreshToken?: Secret;
  readonly throttleWords?: readonly string[];
  /** What it was to be exchanged for. */
  readonly code?: LoginCode;
}

/** What an answer means, and whether anything that could still come would change it. */
export interface InterpretedAnswer {
  readonly outcome: Outcome;
  /** What was read is closed: nothing can follow in it. */
  readonly isWhole: boolean;
}

/**
 * Says what an answer of the token endpoint means, by the table of outcomes in docs/protocol.md. Never
 * throws and never guesses a token. `nowMs` (wall time) is for moments: of a `Retry-After`, of a token's end.
 *
 * The content type is never asked: servers and proxies get it wrong, and the new tokens are in the body
 * regardless. No token is taken from anything but a 2xx, and from none that is a page or calls itself an error. A 2xx
 * without a pair is garbled only if something of one may be in it: if not, posting the same token again is no loss.
 *
 * An OAuth error code counts with any status; in a text it is looked for only with 2xx and 4xx. A redirect is
 * `unknown`: it was not followed (the request would go to a host nobody configured), by convention nothing was
 * processed, but a temporary maintenance page redirects too. 408 and 425 are `unknown` for the same reason.
 */
export function classifyAnswer(answer: RawAnswer, nowMs: number, request: AnsweredRequest = {}): Outcome {
  return interpretAnswer(answer, nowMs, request).outcome;
}

/** {@link classifyAnswer}, for a reader that must know when to stop. */
export function interpretAnswer(
  answer: RawAnswer,
  nowMs: number,
  request: AnsweredRequest = {},
): InterpretedAnswer {
  const encoding = answer.headers['content-encoding'];
  const isCutOff = answer.cutOffBy !== undefined;
  let best: InterpretedAnswer | undefined;
  for (const body of bodiesOf(answer)) {
    const reading = readAnswer(body, encoding, isCutOff);
    const outcome = outcomeOf(answer, reading, nowMs, request);
    const isWhole = !reading.isCutOff && !reading.isSpoilt && reading.text !== '';
    if (outcome.kind === 'success') return { outcome, isWhole };
    if (!best || (best.outcome.kind === 'unknown' && outcome.kind === 'garbled')) best = { outcome, isWhole };
  }
  return best ?? { outcome: { kind: 'unknown', reason: 'empty-body' }, isWhole: false };
}

/** The body as its head frames it; with a 2xx also as it is, without the frames of chunks that nothing announced. */
function bodiesOf({ status, body, unframed = body }: RawAnswer): Uint8Array[] {
  if (!isSuccess(status)) return [body];
  const bodies = [body];
  if (unframed.length !== body.length) bodies.push(unframed);
  const bytes = Buffer.from(unframed.buffer, unframed.byteOffset, unframed.byteLength);
  if (/^\s*[0-9a-f]{1,8}[ \t]*[;\r\n]/i.test(bytes.toString('latin1', 0, 16))) {
    const joined = joinChunks(bytes);
    if (joined) bodies.push(joined.body);
    bodies.push(Buffer.from(withoutChunkLines(bytes.toString('latin1')), 'latin1'));
  }
  return bodies;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function outcomeOf(
  answer: RawAnswer,
  reading: AnswerReading,
  nowMs: number,
  request: AnsweredRequest,
): Outcome {
  const { status, headers } = answer;
  const retryAfter = retryAfterSeconds(headers['retry-after'], nowMs);
  if (status === 429) return { kind: 'throttled', retryAfterSeconds: retryAfter };
  const error = errorOf(answer, reading);
  const isDeadGrant = error.code !== undefined && ERROR_CODES[error.code] === 'refused-grant';
  if (!isDeadGrant && saysThrottled(answer, reading, error, request)) {
    return { kind: 'throttled', retryAfterSeconds: retryAfter };
  }
  if (isSuccess(status)) return outcomeOfSuccess(answer, reading, error, nowMs, request);
  if (asksForPatience(error.code, request)) return { kind: 'unknown', reason: error.code };
  if (error.code) return outcomeOfErrorCode(error.code, retryAfter);
  const later = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 425;
  return { kind: isRefusal ? 'refused' : 'unknown', reason: `http-${status}`, ...later };
}

/** To a device that asks too often (RFC 8628 §3.5): a matter between the two, and none of the quota. */
function asksForPatience(code: ErrorCode | undefined, request: AnsweredRequest): code is 'slow_down' {
  return code === 'slow_down' && request.code !== undefined && 'deviceCode' in request.code;
}

/** Outside of 2xx and 4xx the text is a proxy's, and only an `error` member is the provider's word. */
function errorOf({ status, headers }: RawAnswer, reading: AnswerReading): StatedError {
  if (isSuccess(status)) return statedError(reading);
  if (status < 400 || status >= 500) {
    return rootObject(reading)?.members.has('error') ? statedError(reading) : { isStated: true };
  }
  const error = statedError(reading);
  return error.code ? error : { code: challengedCode(headers['www-authenticate']), isStated: true };
}

function saysThrottled(
  { status }: RawAnswer,
  { text, isPage }: AnswerReading,
  { isStated }: StatedError,
  { throttleWords = [] }: AnsweredRequest,
): boolean {
  if (!isStated || isPage || status >= 500) return false;
  const said = text.toLowerCase();
  return throttleWords.some((words) => said.includes(words.toLowerCase()));
}

/** What introduces a token response that is none; a host or a path of that name does not (`/srv/provider.example/`). */
const EXAMPLE =
  /(?<![\w./\\@:-])(?:examples?|samples?|e\.g\.|for instance|looks? like|exemplos?|ejemplos?)(?![\w/\\-]|\.\w)/i;

function outcomeOfSuccess(
  answer: RawAnswer,
  reading: AnswerReading,
  error: StatedError,
  nowMs: number,
  request: AnsweredRequest,
): Outcome {
  const { text, isPacked, isPage, values, isCutOff, isSpoilt, rest } = reading;
  if (isPage) return { kind: 'unknown', reason: answer.cutOffBy ?? 'not-json' };
  if (isPacked) return garbled(text);
  const posted = request.refreshToken?.reveal();
  const { access, refresh, mayHoldToken, mayHoldRefresh } = findTokens(values, posted);
  if (error.code && (error.isStated || !access)) {
    return outcomeOfErrorCode(error.code, retryAfterSeconds(answer.headers['retry-after'], nowMs));
  }
  const isSource = !error.isStated && !EXAMPLE.test(rest);
  // Cut off before a refresh token came: whether the old one lives on cannot be known, so it is not success.
  const isPair = refresh !== undefined || !(isCutOff || isSpoilt || mayHoldRefresh || namesToken(rest));
  if (access && isSource && isPair) {
    const root = rootObject(reading)?.members ?? access.members;
    return { kind: 'success', response: tokenResponseFrom(access, refresh, root, madeAtMs(answer, nowMs)) };
  }
  const newRefresh = refresh === posted ? undefined : refresh;
  if (access || newRefresh !== undefined || mayHoldToken || namesToken(rest)) {
    return garbled(text, isSource ? newRefresh : undefined);
  }
  if (error.isStated) return { kind: 'unknown', reason: 'unrecognised-error' };
  if (isCutOff || (answer.cutOffBy !== undefined && beginsTokenName(text))) return garbled(text);
  return { kind: 'unknown', reason: answer.cutOffBy ?? reasonFor(text, values.length > 0) };
}

/** A whole text without a token: what kind of text it was. */
function reasonFor(text: string, isRead: boolean): FailureReason {
  if (text === '') return 'empty-body';
  return isRead ? 'no-token' : 'not-json';
}

/** The first letters of a form, before there is a `=`. */
function beginsTokenName(text: string): boolean {
  return text !== '' && ['access_token', 'refresh_token', 'token_type'].some((name) => name.startsWith(text));
}

function garbled(text: string, refreshToken?: string): Outcome {
  const bytes = Buffer.from(text);
  const kept = bytes.length > MAX_KEPT_BYTES ? bytes.toString('utf8', 0, MAX_KEPT_BYTES) : text;
  return {
    kind: 'garbled',
    body: new Secret(kept),
    ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
  };
}

/** A clock that is off by more than this is not believed. */
const MAX_CLOCK_DIFFERENCE_MS = 24 * 3600 * 1000;

/** When the answer was made, by the clock that its moments are from (`Date`), or by ours. */
function madeAtMs({ headers }: RawAnswer, nowMs: number): number {
  const madeMs = httpDateMs(headers.date ?? '');
  return Math.abs(madeMs - nowMs) < MAX_CLOCK_DIFFERENCE_MS ? madeMs : nowMs;
}
