/** Structured logging. Fields are plain data; a secret among them prints `[redacted]` (I7). */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** For callers that do not listen. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What {@link errorFields} says: a type, not an interface, so that it passes for plain fields. */
export type ErrorFields = {
  readonly error: string;
  /** Stable code of the error's class. */
  readonly code?: string;
  /** Code of what caused it, such as `AccessDeniedException`. */
  readonly reason?: string;
};

/** What may be said of an error: its name and its codes, never its message, cause or stack (I7). */
export function errorFields(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const reason = 'reason' in error && isCode(error.reason) ? error.reason : undefined;
  return { error: error.name, code, ...(reason && { reason }) };
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][\w.-]{0,63}$/.test(value);
}
