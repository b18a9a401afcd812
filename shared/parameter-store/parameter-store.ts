import type { Secret } from '../secret/secret.ts';
import type { TagChanges } from '../secret-store/tag-changes.ts';

/**
 * Named values as AWS Systems Manager Parameter Store keeps them, each a SecureString. Every method rejects with
 * `StoreUnavailableError` (shared/table/table.ts) when the store cannot be reached, throttles or refuses; no error ever
 * carries a value.
 */
export interface ParameterStore {
  /** Makes `value` the current one; creates the parameter if there is none. Gives up when `signal` aborts. */
  put(
    name: string,
    value: Secret,
    options?: {
      readonly description?: string;
      /** Of a parameter that is made by it. */
      readonly tags?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
    },
  ): Promise<void>;
  /** Gives tags their values and takes others away; nothing happens if there is no such parameter. */
  retag(name: string, changes: TagChanges): Promise<void>;
  /** Deletes the parameter at once, with all its versions; nothing happens if there is none. */
  remove(name: string): Promise<void>;
}

/** What a parameter of the standard tier holds, which costs nothing. */
export const STANDARD_BYTES = 4096;
