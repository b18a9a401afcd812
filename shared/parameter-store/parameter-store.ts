import type { Secret } from '../secret/secret.ts';

/**
 * Named values as AWS Systems Manager Parameter Store keeps them, each a SecureString. Both methods reject with
 * `StoreUnavailableError` (shared/table/table.ts) when the store cannot be reached, throttles or refuses; no error ever
 * carries a value.
 */
export interface ParameterStore {
  /** Makes `value` the current one; creates the parameter if there is none. Gives up when `signal` aborts. */
  put(
    name: string,
    value: Secret,
    options?: { readonly description?: string; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Deletes the parameter at once, with all its versions; nothing happens if there is none. */
  remove(name: string): Promise<void>;
}

/** What a parameter of the standard tier holds, which costs nothing. */
export const STANDARD_BYTES = 4096;
