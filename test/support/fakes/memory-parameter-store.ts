import type { ParameterStore } from '../../../shared/parameter-store/parameter-store.ts';
import type { Secret } from '../../../shared/secret/secret.ts';
import type { TagChanges } from '../../../shared/secret-store/tag-changes.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';

/** {@link ParameterStore} in memory. */
export class MemoryParameterStore implements ParameterStore {
  readonly values = new Map<string, string>();
  /** How often a value was put. */
  puts = 0;
  /** Makes every call fail. */
  isAway = false;

  readonly #tags = new Map<string, Readonly<Record<string, string>>>();

  async put(
    name: string,
    value: Secret,
    { signal, tags = {} }: { signal?: AbortSignal; tags?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    if (this.isAway || signal?.aborted)
      throw new StoreUnavailableError('PutParameter did not succeed: try again');
    this.puts += 1;
    if (!this.values.has(name)) this.#tags.set(name, tags);
    this.values.set(name, value.reveal());
  }

  async retag(name: string, { set, drop }: TagChanges): Promise<void> {
    if (this.isAway) throw new StoreUnavailableError('AddTagsToResource did not succeed: try again');
    if (!this.values.has(name)) return;
    const kept = Object.entries(this.tags(name)).filter(([key]) => !drop.includes(key));
    this.#tags.set(name, { ...Object.fromEntries(kept), ...set });
  }

  /** The tags of a parameter; none if there is no such parameter. */
  tags(name: string): Readonly<Record<string, string>> {
    return this.#tags.get(name) ?? {};
  }

  async remove(name: string): Promise<void> {
    if (this.isAway) throw new StoreUnavailableError('DeleteParameter did not succeed: try again');
    this.values.delete(name);
  }
}
