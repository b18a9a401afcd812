import type { ParameterStore } from '../../../shared/parameter-store/parameter-store.ts';
import type { Secret } from '../../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';

/** {@link ParameterStore} in memory. */
export class MemoryParameterStore implements ParameterStore {
  readonly values = new Map<string, string>();
  /** How often a value was put. */
  puts = 0;
  /** Makes every call fail. */
  isAway = false;

  async put(name: string, value: Secret, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.isAway || signal?.aborted)
      throw new StoreUnavailableError('PutParameter did not succeed: try again');
    this.puts += 1;
    this.values.set(name, value.reveal());
  }

  async remove(name: string): Promise<void> {
    if (this.isAway) throw new StoreUnavailableError('DeleteParameter did not succeed: try again');
    this.values.delete(name);
  }
}
