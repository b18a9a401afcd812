import type { Journal } from '../../data/journal/journal.ts';
import { ParameterError } from './errors.ts';

/** One version of a parameter, which is also what the journal holds of it; a version without value is a deletion. */
export interface StoredVersion {
  readonly name: string;
  readonly version: number;
  readonly type: 'String' | 'StringList' | 'SecureString';
  readonly value: string;
  readonly tier: 'Standard' | 'Advanced';
  readonly keyId?: string | undefined;
  readonly description?: string | undefined;
  readonly modifiedAtMs: number;
  /** Those of the parameter, as of this version. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly isDeletion?: boolean;
}

/** Every parameter, by name; a change is in the journal before it is visible. */
export interface ParameterIndex {
  readonly size: number;
  /** The latest version of every parameter. */
  all(): readonly StoredVersion[];
  latest(name: string): StoredVersion | undefined;
  version(name: string, version: number): StoredVersion | undefined;
  /** Rejects with `InternalServerError`, and changes nothing, if the journal fails. */
  add(version: StoredVersion): void;
  remove(name: string): void;
}

/** The oldest of more versions goes, whatever its age. */
const KEPT_VERSIONS = 100;
/** So many changes after a compaction, the journal is compacted again. */
const CHANGES_PER_COMPACTION = 2000;

/** Opens the index on what the journal remembers. */
export function openParameterIndex(journal: Journal<StoredVersion> | undefined): ParameterIndex {
  const parameters = new Map<string, readonly StoredVersion[]>();
  const apply = (entry: StoredVersion) => {
    if (entry.isDeletion) parameters.delete(entry.name);
    else {
      const before = parameters.get(entry.name) ?? [];
      // The same version again has other tags.
      const kept = before.at(-1)?.version === entry.version ? before.slice(0, -1) : before;
      parameters.set(entry.name, [...kept, entry].slice(-KEPT_VERSIONS));
    }
  };
  for (const entry of journal?.entries ?? []) apply(entry);
  let changes = journal?.entries.length ?? 0;

  const record = (entry: StoredVersion) => {
    try {
      journal?.append(entry);
    } catch (cause) {
      throw new ParameterError('InternalServerError', 'The change could not be stored on disk.', { cause });
    }
    apply(entry);
    changes += 1;
    if (!journal || changes < CHANGES_PER_COMPACTION) return;
    changes = 0;
    try {
      journal.rewrite([...parameters.values()].flat());
    } catch {
      // The change itself is stored, and the old file is whole: it only stays long until the next time.
    }
  };
  const latest = (name: string) => parameters.get(name)?.at(-1);
  return {
    get size() {
      return parameters.size;
    },
    all: () => [...parameters.keys()].flatMap((name) => latest(name) ?? []),
    latest,
    version: (name, number) => parameters.get(name)?.find(({ version }) => version === number),
    add: record,
    remove(name) {
      const last = latest(name);
      if (last) record({ ...last, value: '', isDeletion: true });
    },
  };
}
