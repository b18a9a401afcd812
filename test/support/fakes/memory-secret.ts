import { refusals } from '../../../shared/secret-store/refusals.ts';

/** Versions that one secret can have (AWS: "Secrets Manager quotas"). */
const VERSION_QUOTA = 100;

interface Version {
  readonly value: string;
  readonly createdAtMs: number;
}

/** One secret with its versions, under the rules of Secrets Manager. */
export class MemorySecret {
  /** Oldest first. */
  readonly #versions = new Map<string, Version>();
  #currentId: string | undefined;
  #deleteAtMs: number | undefined;
  tags: Readonly<Record<string, string>> = {};

  /** Another one with the same versions, which goes its own way from here. */
  copy(): MemorySecret {
    const other = new MemorySecret();
    for (const [id, version] of this.#versions) other.#versions.set(id, version);
    other.#currentId = this.#currentId;
    other.#deleteAtMs = this.#deleteAtMs;
    other.tags = this.tags;
    return other;
  }

  /** Version with the stage AWSCURRENT. */
  get currentId(): string | undefined {
    return this.#currentId;
  }

  /** True once a deletion is scheduled. */
  get isDeleted(): boolean {
    return this.#deleteAtMs !== undefined;
  }

  get versionCount(): number {
    return this.#versions.size;
  }

  /** True once the recovery window is over: the secret does not exist any more. */
  isGoneBy(nowMs: number): boolean {
    return this.#deleteAtMs !== undefined && this.#deleteAtMs <= nowMs;
  }

  value(versionId: string): string | undefined {
    return this.#versions.get(versionId)?.value;
  }

  /**
   * Adds a version and makes it current. A known id with the same value changes nothing at all: the
   * current version stays. Throws `RequestTokenReusedError` or `VersionQuotaError`.
   */
  put(versionId: string, value: string, nowMs: number, dayMs: number): void {
    const known = this.#versions.get(versionId);
    if (known?.value === value) return;
    if (known) throw refusals.requestTokenReused();
    this.#makeRoom(nowMs - dayMs);
    this.#versions.set(versionId, { value, createdAtMs: nowMs });
    this.#currentId = versionId;
  }

  /** A deletion that is scheduled already keeps its time. */
  scheduleDeletion(atMs: number): void {
    this.#deleteAtMs ??= atMs;
  }

  restore(): void {
    this.#deleteAtMs = undefined;
  }

  /**
   * Only what is a day old may go, the oldest first, and it goes only when the quota is reached. The current
   * and the previous version, which Secrets Manager never removes, are the two youngest of the hundred.
   */
  #makeRoom(createdByMs: number): void {
    if (this.#versions.size < VERSION_QUOTA) return;
    const [oldest] = this.#versions;
    if (!oldest || oldest[1].createdAtMs > createdByMs) throw refusals.versionQuota();
    this.#versions.delete(oldest[0]);
  }
}
