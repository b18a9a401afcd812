import type { Clock } from '../../../shared/clock/clock.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { refusals } from '../../../shared/secret-store/refusals.ts';
import {
  MOST_SECRET_BYTES,
  type PutOptions,
  type SecretStore,
  type SecretVersion,
} from '../../../shared/secret-store/secret-store.ts';
import type { TagChanges } from '../../../shared/secret-store/tag-changes.ts';
import { untilAborted } from '../../../shared/secret-store/until-aborted.ts';
import { storeFailure } from '../../../shared/table/store-failure.ts';
import { MemorySecret } from './memory-secret.ts';
import { type StoreHooks, withHooks } from './store-hooks.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface MemorySecretStoreOptions {
  /** Versions age and deletions come due by its wall time. */
  readonly clock: Pick<Clock, 'nowMs'>;
  /** What a day is in this store's rules (ms): 24 hours divided by the scale. */
  readonly dayMs?: number;
  /** Asked for `get`, `put`, `create`, `retag` and `remove` with the secret's name. */
  readonly hooks?: StoreHooks;
}

/**
 * {@link SecretStore} in memory, with the rules of Secrets Manager: versions, idempotency tokens, the
 * quota of 100 versions with its 24 hours, scheduled deletion. Reads are never behind. A put that is
 * aborted while a hook delays it has been sent already: its caller is told at once, and it still lands.
 */
export class MemorySecretStore implements SecretStore {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #dayMs: number;
  readonly #hooks: StoreHooks;
  readonly #secrets = new Map<string, MemorySecret>();
  #created = 0;

  constructor(options: MemorySecretStoreOptions) {
    this.#clock = options.clock;
    this.#dayMs = options.dayMs ?? DAY_MS;
    this.#hooks = options.hooks ?? {};
  }

  /** Another store with the same secrets, which goes its own way from here; by the same clock, or another. */
  copy(clock = this.#clock): MemorySecretStore {
    const other = new MemorySecretStore({ clock, dayMs: this.#dayMs, hooks: this.#hooks });
    for (const [name, secret] of this.#secrets) other.#secrets.set(name, secret.copy());
    other.#created = this.#created;
    return other;
  }

  get(name: string, versionId?: string): Promise<SecretVersion | undefined> {
    return withHooks(this.#hooks, 'get', name, () => {
      const secret = this.#find(name);
      const id = versionId ?? secret?.currentId;
      const value = id === undefined || secret?.isDeleted ? undefined : secret?.value(id);
      return value === undefined || id === undefined
        ? undefined
        : { value: new Secret(value), versionId: id };
    });
  }

  async put(name: string, value: Secret, options: PutOptions = {}): Promise<void> {
    const { requestToken = this.#newVersionId(), signal } = options;
    if (signal?.aborted) throw storeFailure('put', signal.reason);
    assertFits('put', value);
    const sent = withHooks(this.#hooks, 'put', name, () => {
      const secret = this.#find(name);
      if (!secret || secret.isDeleted) {
        throw refusals.secretNotFound();
      }
      secret.put(requestToken, value.reveal(), this.#clock.nowMs(), this.#dayMs);
    });
    await untilAborted(sent, signal).catch((error: unknown) => {
      throw signal?.aborted && error === signal.reason ? storeFailure('put', error) : error;
    });
  }

  async create(
    name: string,
    value: Secret,
    { signal, tags = {} }: { signal?: AbortSignal; tags?: Record<string, string> } = {},
  ): Promise<boolean> {
    if (signal?.aborted) throw storeFailure('create', signal.reason);
    assertFits('create', value);
    const versionId = this.#newVersionId();
    return withHooks(this.#hooks, 'create', name, () => {
      const nowMs = this.#clock.nowMs();
      const existing = this.#find(name);
      if (existing && !existing.isDeleted) return false;
      const secret = existing ?? new MemorySecret();
      secret.restore();
      secret.put(versionId, value.reveal(), nowMs, this.#dayMs);
      secret.tags = { ...secret.tags, ...tags };
      this.#secrets.set(name, secret);
      return true;
    });
  }

  retag(name: string, { set, drop }: TagChanges): Promise<void> {
    return withHooks(this.#hooks, 'retag', name, () => {
      const secret = this.#find(name);
      if (!secret || secret.isDeleted) return;
      const kept = Object.entries(secret.tags).filter(([key]) => !drop.includes(key));
      secret.tags = { ...Object.fromEntries(kept), ...set };
    });
  }

  /** The tags of a secret; none if there is no such secret. No hook is asked. */
  tags(name: string): Readonly<Record<string, string>> {
    return this.#find(name)?.tags ?? {};
  }

  remove(name: string, recoveryDays: number): Promise<void> {
    return withHooks(this.#hooks, 'remove', name, () => {
      this.#find(name)?.scheduleDeletion(this.#clock.nowMs() + recoveryDays * this.#dayMs);
    });
  }

  /** Names of the secrets that are there, scheduled deletions left out. No hook is asked. */
  names(): string[] {
    return [...this.#secrets].filter(([name]) => !this.#find(name)?.isDeleted).map(([name]) => name);
  }

  /** How many versions the secret has now; 0 if there is none. No hook is asked. */
  versionCount(name: string): number {
    return this.#find(name)?.versionCount ?? 0;
  }

  #find(name: string): MemorySecret | undefined {
    const secret = this.#secrets.get(name);
    if (!secret?.isGoneBy(this.#clock.nowMs())) return secret;
    this.#secrets.delete(name);
    return undefined;
  }

  #newVersionId(): string {
    this.#created += 1;
    return `version-${String(this.#created).padStart(28, '0')}`;
  }
}

/** Secrets Manager refuses what no version can hold. */
function assertFits(operation: string, value: Secret): void {
  if (Buffer.byteLength(value.reveal()) <= MOST_SECRET_BYTES) return;
  throw storeFailure(operation, { name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
}
