import { type ListEntry, oauthEntries } from './entry.ts';
import { assertWritable, UnwritableEntryError } from './registration.ts';

/** How many entries of a list can be registered, and why the others cannot. */
export interface ListCount {
  readonly all: number;
  readonly writable: number;
  readonly others: readonly { readonly name: string; readonly reason: string }[];
}

/** Tries every OAuth 2 entry of a list. */
export async function countList(list: Readonly<Record<string, ListEntry>>): Promise<ListCount> {
  const entries = oauthEntries(list);
  const others: { name: string; reason: string }[] = [];
  for (const [name, entry] of entries) {
    try {
      await assertWritable(name, entry);
    } catch (error) {
      if (!(error instanceof UnwritableEntryError)) throw error;
      others.push({ name, reason: error.message });
    }
  }
  return { all: entries.length, writable: entries.length - others.length, others };
}
