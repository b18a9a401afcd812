import type { IncomingHttpHeaders } from 'node:http';
import type { FailureReason } from '../failure/reasons.ts';
import { Secret } from '../secret/secret.ts';
import { answerText } from './answer-text.ts';
import { readDefiniteMembers } from './cut-off-json.ts';
import { readForm } from './form-body.ts';
import { findErrorCode, outcomeOfErrorCode } from './oauth-error.ts';
import { retryAfterSeconds } from './retry-after.ts';
import type { Outcome } from './token-endpoint.ts';
import { type ReadObject, refreshTokenFrom, tokenResponseFrom } from './token-members.ts';

/** An answer as it came off the wire, whole or not. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The first {@link MAX_BODY_BYTES} at most. */
  readonly body: Uint8Array;
  /** Why the rest of the body did not come: a reason code for an outcome that turns out `unknown`. */
  readonly cutOffBy?: FailureReason;
}

/**
 * Says what an answer of the token endpoint means, by the table of outcomes in docs/protocol.md. Never
 * throws and never guesses a token. `nowMs` (wall time) is for a `Retry-After` date.
 *
 * The content type is never asked: servers and proxies get it wrong, and the new tokens are in the body
 * regardless. No token is taken from anything but a 2xx.
 *
 * A redirect is `unknown`: it was not followed (the request would go to a host nobody configured), by
 * convention nothing was processed, but a temporary maintenance page redirects too and must not be taken for
 * a misconfiguration that is tried hourly. 408 and 425 are `unknown` for the same reason.
 */
export function classifyAnswer(answer: RawAnswer, nowMs: number): Outcome {
  const { status, headers } = answer;
  if (status === 429) {
    return { kind: 'throttled', retryAfterSeconds: retryAfterSeconds(headers['retry-after'], nowMs) };
  }
  const text = answerText(answer.body, headers['content-encoding']).trim();
  if (status >= 200 && status < 300) return classifySuccessStatus(answer, text);
  if (status < 400 || status >= 500 || status === 408 || status === 425) {
    return { kind: 'unknown', reason: `http-${status}` };
  }
  const code = findErrorCode(
    readObject(answer, text)?.members.get('error'),
    text,
    headers['www-authenticate'],
  );
  if (code !== undefined && (status === 400 || status === 401)) return outcomeOfErrorCode(code);
  return { kind: 'refused-client', reason: code ?? `http-${status}` };
}

function classifySuccessStatus(answer: RawAnswer, text: string): Outcome {
  const object = readObject(answer, text);
  const response = object && tokenResponseFrom(object.members);
  // Cut off before a refresh token came: whether the old one lives on cannot be known, so it is not success.
  if (response && (object.whole || response.refreshToken)) return { kind: 'success', response };
  const error = object?.members.get('error');
  if (object && !response && isError(error)) {
    const code = findErrorCode(error, text, undefined);
    return code ? outcomeOfErrorCode(code) : { kind: 'unknown', reason: 'unrecognised-error' };
  }
  if (isTokenLike(text)) {
    const refreshToken = object && refreshTokenFrom(object.members);
    return { kind: 'garbled', body: new Secret(text), ...(refreshToken && { refreshToken }) };
  }
  return { kind: 'unknown', reason: answer.cutOffBy ?? (text === '' ? 'empty-body' : 'not-json') };
}

/**
 * JSON is what a token endpoint writes. Anything else (a proxy's page) was probably written by somebody else,
 * unless it names an access token: that is kept too, never thrown away (I3).
 */
function isTokenLike(text: string): boolean {
  return text.startsWith('{') || text.startsWith('[') || text.includes('access_token');
}

/** `"error": null`, `""` and `false` are how some servers say that there was none. */
function isError(error: unknown): boolean {
  return Boolean(error);
}

/**
 * JSON as far as it can be read, also inside a JSON string, as the only entry of an array, or after something else; or
 * a form.
 */
function readObject({ cutOffBy }: RawAnswer, text: string): ReadObject | undefined {
  if (!/^[{["]/.test(text)) return readForm(text, cutOffBy !== undefined) ?? readPreceded(text);
  const value = parsed(text);
  if (typeof value === 'string') return readMembers(parsed(value));
  if (Array.isArray(value) && value.length === 1) return readMembers(value[0]);
  if (value !== undefined || !text.startsWith('{')) return readMembers(value);
  const { members, closed } = readDefiniteMembers(text);
  return { members, whole: closed };
}

/**
 * A token response after a guard against scripts, a warning or the name of a function. Not in a page: one that
 * explains what a token response looks like is none.
 */
function readPreceded(text: string): ReadObject | undefined {
  const at = text.indexOf('{');
  if (at < 0 || text.startsWith('<')) return undefined;
  const { members, closed } = readDefiniteMembers(text.slice(at));
  return members.has('access_token') ? { members, whole: closed } : undefined;
}

function readMembers(value: unknown): ReadObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return { members: new Map(Object.entries(value)), whole: true };
}

/** No JSON value is `undefined`, so it can stand for what does not parse. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
