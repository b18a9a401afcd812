import { ConflictError, type Revisioned, StoreUnavailableError } from './table.ts';

/** What may be told of a failed call: codes only. The text of an AWS error can quote the request. */
export interface FailureCause {
  readonly name: string;
  /** Code of the socket or the system, such as `ECONNREFUSED`. */
  readonly code?: string;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
}

const CODE = /^[A-Za-z][\w.-]{0,63}$/;

/**
 * The {@link StoreUnavailableError} for a failed SDK call. `operation` names the call (`PutItem`); of
 * `error` only its name, code and HTTP status go into the cause, because its message, its request and
 * its response may hold what was being stored (I7).
 */
export function storeFailure(operation: string, error: unknown): StoreUnavailableError {
  const cause = failureCause(error);
  const details = [cause.name, cause.code, cause.status].filter((part) => part !== undefined).join(', ');
  const reason = cause.name === 'Error' ? cause.code : cause.name;
  return new StoreUnavailableError(`${operation} did not succeed (${details}): try again`, { cause, reason });
}

/** Throws {@link ConflictError} unless what is stored is the very write of `item`: a resent one succeeds. */
export function expectOwnWrite(stored: Revisioned | undefined, item: Revisioned): void {
  if (stored?.revision === item.revision && stored.writer === item.writer) return;
  throw new ConflictError('the item was saved by somebody else: load it again and decide again');
}

/** Name of an SDK's typed exception, the only thing to tell one from another; '' for what is none. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function failureCause(error: unknown): FailureCause {
  const { name, code, $metadata } = (error ?? {}) as {
    name?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  const status = $metadata?.httpStatusCode;
  return {
    name: isCode(name) ? name : 'Error',
    ...(isCode(code) ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
  };
}

function isCode(text: unknown): text is string {
  return typeof text === 'string' && CODE.test(text);
}
