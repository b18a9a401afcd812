import type { Outcome } from '../token-endpoint.ts';
import { type AnswerReading, rootObject } from './answer-reading.ts';
import { codeOf, codeStatedIn, ERROR_CODES, type ErrorCode } from './error-codes.ts';
import type { Members } from './find-tokens.ts';
import { isArray, isObject, JsonNumber, type JsonValue } from './json-values.ts';
import { plain } from './token-names.ts';

/** What an answer says of an error. */
export interface StatedError {
  /** The code, if it is a known one. */
  readonly code?: ErrorCode;
  /** The answer calls itself an error by a member of it, whether its code is known or not. */
  readonly isStated: boolean;
}

/** Where a code may stand beside an `error` that is none (`{"error": "Unauthorized", "errorCode": "invalid_grant"}`). */
const CODE_MEMBERS: ReadonlySet<string> = new Set(['errorcode', 'errcode', 'errortype', 'code']);

/**
 * The error that an answer states (RFC 6749 §5.2): its `error` member, or what is in that; only where it has none,
 * another value that is a code or states one, or the text. A text with several codes says nothing certain.
 */
export function statedError(reading: AnswerReading): StatedError {
  const members = rootObject(reading)?.members;
  const error = members && memberOf(members, 'error');
  if (members && isStated(error)) return { code: codeIn(error) ?? codeBeside(members), isStated: true };
  if (reading.isPage || reading.isPacked) return { isStated: false };
  const code = members ? onlyOf(codesIn([...members.values()])) : codeStatedIn(reading.text);
  return { code, isStated: members !== undefined && saysFailure(members) };
}

/** The code of a `WWW-Authenticate` header (RFC 6750 §3). */
export function challengedCode(header: string | undefined): ErrorCode | undefined {
  const [, quoted, bare] = /(?:^|[\s,])error\s*=\s*(?:"([^"]*)"|([^\s,"]+))/i.exec(header ?? '') ?? [];
  return codeOf(quoted ?? bare ?? '');
}

/** What a definite error code means for the refresh token. */
export function outcomeOfErrorCode(code: ErrorCode, retryAfterSeconds: number | undefined): Outcome {
  const kind = ERROR_CODES[code];
  const later = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  switch (kind) {
    case 'throttled':
      return { kind, ...later };
    case 'unknown':
      return { kind, reason: code, ...later };
    case 'refused-grant':
    case 'refused-client':
      return { kind, reason: code };
  }
}

/** How some servers say that there was no error. */
const NO_ERROR = /^\s*(?:0|none|null|nil|no|false|ok|success|no[-_ ]?error|undefined)?\s*$/i;

function isStated(error: JsonValue | undefined): boolean {
  if (typeof error === 'string') return !NO_ERROR.test(error);
  if (error instanceof JsonNumber) return !NO_ERROR.test(error.text);
  if (isArray(error)) return error.entries.length > 0;
  if (!isObject(error)) return error === true;
  const code = memberOf(error.members, 'code');
  return error.members.size > 0 && (code === undefined || isStated(code));
}

function codeIn(error: JsonValue | undefined): ErrorCode | undefined {
  if (typeof error === 'string') return codeOf(error) ?? codeStatedIn(error);
  if (isArray(error)) return onlyOf(codesIn(error.entries));
  if (!isObject(error)) return undefined;
  return codeBeside(error.members) ?? onlyOf(codesIn([...error.members.values()]));
}

function codeBeside(members: Members): ErrorCode | undefined {
  for (const [name, value] of members) {
    const code = typeof value === 'string' && CODE_MEMBERS.has(plain(name)) ? codeOf(value) : undefined;
    if (code) return code;
  }
  return undefined;
}

function codesIn(values: readonly JsonValue[]): ErrorCode[] {
  return values.flatMap((value) => {
    if (typeof value === 'string') return codeOf(value) ?? codeStatedIn(value) ?? [];
    if (isArray(value)) return codesIn(value.entries);
    return isObject(value) ? codesIn([...value.members.values()]) : [];
  });
}

/** Several that mean the same are one. */
function onlyOf(codes: readonly ErrorCode[]): ErrorCode | undefined {
  return new Set(codes.map((code) => ERROR_CODES[code])).size === 1 ? codes[0] : undefined;
}

/** `{"success": false}`, `{"ok": false}`, `{"status": "error"}`. */
function saysFailure(members: Members): boolean {
  const status = memberOf(members, 'status');
  const isFailure = typeof status === 'string' && /^(?:errors?|fail(?:ed|ure)?)$/i.test(status.trim());
  return isFailure || memberOf(members, 'success') === false || memberOf(members, 'ok') === false;
}

function memberOf(members: Members, name: string): JsonValue | undefined {
  for (const [each, value] of members) if (plain(each) === name) return value;
  return undefined;
}
