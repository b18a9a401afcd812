import type { Clock } from '../../../shared/clock/clock.ts';
import type { Journal } from '../../data/journal/journal.ts';
import { isArn, namesOfArn } from './arn.ts';
import { ServiceError, secretMarkedForDeletion, secretNotFound } from './errors.ts';
import { changeEntry, type JournalEntry, replay } from './secret-journal.ts';
import { assertName } from './secret-name.ts';
import type { StoredSecret } from './stored-secret.ts';

/** So many changes after a compaction, the journal is compacted again. */
const CHANGES_PER_COMPACTION = 2000;

/** Every secret, by name; a change is in the journal before it is visible. */
export interface SecretIndex {
  /** The secret of a name, or a full or partial ARN; one whose recovery window has ended is gone. */
  find(secretId: string): StoredSecret | undefined;
  /** As {@link find}, but rejects with `ResourceNotFoundException`. */
  get(secretId: string): StoredSecret;
  /** As {@link get}, and rejects with `InvalidRequestException` while the secret is marked for deletion. */
  getUsable(secretId: string): StoredSecret;
  /** Every secret, those marked for deletion too. */
  all(): StoredSecret[];
  /** Stores the new state of a secret. Rejects with `InternalServiceError`, and changes nothing, if the journal fails. */
  commit(secret: StoredSecret): void;
  /** Removes a secret with all its versions, at once. */
  remove(secret: StoredSecret): void;
}

/**
 * Opens the index on what the journal remembers; without a journal, secrets live as long as the process.
 * `wrote` hears of every change that was stored, and once of every secret that was remembered.
 */
export function openSecretIndex(
  clock: Clock,
  journal: Journal<JournalEntry> | undefined,
  wrote: (before: StoredSecret | undefined, after: StoredSecret) => void,
): SecretIndex {
  const secrets = replay(journal?.entries ?? []);
  for (const secret of secrets.values()) wrote(undefined, secret);
  let changesSinceCompaction = 0;
  if (journal && journal.entries.length > secrets.size) compact(journal);

  function compact(target: Journal<JournalEntry>): void {
    changesSinceCompaction = 0;
    target.rewrite([...secrets.values()].map((secret) => changeEntry(undefined, secret)));
  }

  function record(entry: JournalEntry): void {
    try {
      journal?.append(entry);
    } catch (cause) {
      throw new ServiceError('InternalServiceError', 'The change could not be stored on disk.', { cause });
    }
  }

  function compactWhenDue(): void {
    if (!journal || ++changesSinceCompaction < CHANGES_PER_COMPACTION) return;
    try {
      compact(journal);
    } catch {
      // The change itself is stored, and the old file is whole: it only stays long until the next time.
    }
  }

  function live(name: string): StoredSecret | undefined {
    const secret = secrets.get(name);
    if (secret?.deletionAtMs === undefined || secret.deletionAtMs > clock.nowMs()) return secret;
    secrets.delete(name);
    return undefined;
  }

  function find(secretId: string): StoredSecret | undefined {
    if (!isArn(secretId)) {
      assertName(secretId);
      return live(secretId);
    }
    for (const { name, suffixed } of namesOfArn(secretId)) {
      const secret = live(name);
      if (secret && (suffixed === undefined || secret.arn.endsWith(`:${suffixed}`))) return secret;
    }
    return undefined;
  }

  function get(secretId: string): StoredSecret {
    const secret = find(secretId);
    if (!secret) throw secretNotFound();
    return secret;
  }

  return {
    find,
    get,
    getUsable(secretId) {
      const secret = get(secretId);
      if (secret.deletionAtMs !== undefined) throw secretMarkedForDeletion();
      return secret;
    },
    all: () => [...secrets.keys()].flatMap((name) => live(name) ?? []),
    commit(secret) {
      const before = secrets.get(secret.name);
      record(changeEntry(before, secret));
      secrets.set(secret.name, secret);
      wrote(before, secret);
      compactWhenDue();
    },
    remove(secret) {
      record({ removed: secret.name });
      secrets.delete(secret.name);
      compactWhenDue();
    },
  };
}
