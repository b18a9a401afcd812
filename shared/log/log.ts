/** Structured logging. Fields are plain data; a secret among them prints `[redacted]` (I7). */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** For callers that do not listen. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What may be said of an error: its name and stable code, never its message, cause or stack (I7). */
export function errorFields(error: unknown): { readonly error: string; readonly code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: error.name, code };
}
