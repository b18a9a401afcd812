import type { SecretVersion, StoredSecret } from './stored-secret.ts';

/**
 * One change of one secret, as a journal line: its metadata, the versions that are new or changed (a value
 * only where it is new: a label that moves does not write 64 KiB again), and the ids of removed versions.
 * `fresh` says that nothing of an older secret of that name is left.
 */
export type JournalEntry =
  | { readonly removed: string }
  | {
      readonly fresh: boolean;
      readonly secret: Omit<StoredSecret, 'versions'>;
      readonly versions: readonly (Omit<SecretVersion, 'value'> & Partial<Pick<SecretVersion, 'value'>>)[];
      readonly dropped: readonly string[];
    };

/** The entry that leads from `before` (nothing: a new secret) to `after`. */
export function changeEntry(before: StoredSecret | undefined, after: StoredSecret): JournalEntry {
  const { versions, ...secret } = after;
  const known = new Map(before?.versions.map((version) => [version.id, version]));
  const changed = versions.filter((version) => known.get(version.id) !== version);
  const kept = new Set(versions.map(({ id }) => id));
  return {
    fresh: before === undefined,
    secret,
    versions: changed.map((version) => {
      const { value, ...rest } = version;
      return known.get(version.id)?.value === value ? rest : version;
    }),
    dropped: [...known.keys()].filter((id) => !kept.has(id)),
  };
}

/** Repeats entries into secrets by name. Versions keep the order in which they were first written. */
export function replay(entries: Iterable<JournalEntry>): Map<string, StoredSecret> {
  const secrets = new Map<string, StoredSecret>();
  for (const entry of entries) {
    if ('removed' in entry) {
      secrets.delete(entry.removed);
      continue;
    }
    const before = entry.fresh ? undefined : secrets.get(entry.secret.name);
    const versions = new Map(before?.versions.map((version) => [version.id, version]));
    for (const id of entry.dropped) versions.delete(id);
    for (const version of entry.versions) {
      const value = version.value ?? versions.get(version.id)?.value;
      if (value) versions.set(version.id, { ...version, value });
    }
    secrets.set(entry.secret.name, { ...entry.secret, versions: [...versions.values()] });
  }
  return secrets;
}
