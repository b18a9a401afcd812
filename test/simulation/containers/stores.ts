import { bucketOf, bucketsOf, type Shard, WHOLE } from '../../../shared/config/shards.ts';
import { type CredentialRecord, unreadableAnswersOf } from '../../../shared/credential/credential.ts';
import type { Attention } from '../../../shared/credential/watched.ts';
import type { AttentionEntry, DueEntry, ListOptions, QuotaEntry } from '../../../shared/ledger/ledger.ts';
import type { QuotaRecord } from '../../../shared/quota/permits.ts';
import type { Secret } from '../../../shared/secret/secret.ts';
import { type SecretVersion, VersionQuotaError } from '../../../shared/secret-store/secret-store.ts';
import type { TagChanges } from '../../../shared/secret-store/tag-changes.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import type { Timestamp } from '../../../shared/telemetry/timestamps.ts';
import { MemoryLedger } from '../../support/fakes/memory-ledger.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import { MemoryTable } from '../../support/fakes/memory-table.ts';
import type { Dice } from '../dice.ts';
import { RateWindow } from '../provider/rate-window.ts';
import type { Timeline } from '../timeline.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** PutSecretValue and its like, of an account and region. */
const WRITES_A_SECOND = 50;
const CLIENT_PAUSES_MS = [150, 400];
/** A secret's readers may see what it was before for up to this long after a write … */
const STALE_MS = 2 * SECOND_MS;
/** … and so many of them do. */
const STALE_READS = 0.3;
/** How far the ledger's due index may be behind. */
const INDEX_LAG_MS = 3 * SECOND_MS;

/** Told of everything that lands in a store. */
export interface StoreWitness {
  /** From now on the ledger has these texts, with the tokens in them: of the current pair, and put aside. */
  keptInLedger(current: string, aside: string): void;
  /** `text` is in this secret from now on, and every reader sees it from `seenByAllAtMs` on. */
  keptInVault(secretName: string, text: string, seenByAllAtMs: number): void;
}

interface Written {
  readonly before: SecretVersion | undefined;
  readonly seenByAllAtMs: number;
}

/** The stores as they are in AWS: one each for all containers, with their limits and their delays. */
export class Stores {
  readonly quota = new MemoryTable<QuotaRecord>({ keyName: 'quotaKey' });
  readonly timestamps = new MemoryTable<Timestamp>({ keyName: 'quotaKey' });
  versionQuotaRefusals = 0;
  readonly #ledger = new MemoryLedger<CredentialRecord>();
  readonly #vault: MemorySecretStore;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #witness: StoreWitness;
  readonly #index = new Map<string, CredentialRecord>();
  readonly #written = new Map<string, Written>();
  readonly #versions = new Map<string, RateWindow>();
  readonly #writes = new RateWindow(SECOND_MS);

  constructor(timeline: Timeline, dice: Dice, witness: StoreWitness) {
    this.#timeline = timeline;
    this.#dice = dice.named('stores');
    this.#witness = witness;
    this.#vault = new MemorySecretStore({ clock: { nowMs: () => timeline.nowMs } });
  }

  /** The most versions younger than a day that any secret had. */
  get peakVersions(): number {
    return [...this.#versions.values()].reduce((most, { busiest }) => Math.max(most, busiest), 0);
  }

  loadRecord(credential: string): Promise<CredentialRecord | undefined> {
    return this.#ledger.load(credential);
  }

  records(options?: ListOptions): AsyncIterable<CredentialRecord> {
    return this.#ledger.list(options);
  }

  sharing(quotaKey?: string): AsyncIterable<QuotaEntry<CredentialRecord>> {
    return this.#ledger.sharing(quotaKey);
  }

  /** What the index knows to need this attention. */
  needing(kind: Attention): AttentionEntry<CredentialRecord>[] {
    const found = [...this.#index.values()].filter(({ attention }) => attention === kind);
    return found.map(({ credential, watched }) => ({ credential, ...(watched && { watched }) }));
  }

  async saveRecord(record: CredentialRecord): Promise<void> {
    await this.#ledger.save(record);
    const unread = unreadableAnswersOf(record.aside).map(({ sealedBody }) => sealedBody);
    const aside = [...record.aside.spares.map(({ sealedRefresh }) => sealedRefresh), ...unread];
    this.#witness.keptInLedger(
      [record.pair?.sealedAccess, record.pair?.sealedRefresh].join(' '),
      aside.join(' '),
    );
    this.#timeline.after(this.#dice.between(0, INDEX_LAG_MS), () => {
      const { revision = 0 } = this.#index.get(record.credential) ?? {};
      if (record.revision > revision) this.#index.set(record.credential, record);
    });
  }

  /** What the index knows to be due. */
  async due(byMs: number, limit: number, shard: Shard = WHOLE): Promise<DueEntry[]> {
    const buckets = bucketsOf(shard);
    const due: DueEntry[] = [];
    for (const record of this.#index.values()) {
      const { credential, dueAtMs } = record;
      if (dueAtMs === undefined || dueAtMs > byMs || !buckets.includes(bucketOf(record))) continue;
      const {
        refreshAtMs,
        deadlineMs,
        lapsingFromMs,
        bulkhead,
        isolated,
        failures,
        quotaKey,
        quotaPaceMs,
        mode,
      } = record;
      const details = {
        refreshAtMs,
        deadlineMs,
        lapsingFromMs,
        bulkhead,
        isolated,
        failures,
        quotaKey,
        quotaPaceMs,
        mode,
      };
      due.push({ credential, dueAtMs, ...details });
    }
    return due.sort((a, b) => a.dueAtMs - b.dueAtMs).slice(0, limit);
  }

  /** A read of a secret, which may show the version before. */
  async readSecret(name: string, versionId?: string): Promise<SecretVersion | undefined> {
    const written = this.#written.get(name);
    const isFresh = written !== undefined && this.#timeline.nowMs < written.seenByAllAtMs;
    if (versionId === undefined && isFresh && this.#dice.chance(STALE_READS)) return written.before;
    return this.#vault.get(name, versionId);
  }

  async putSecret(name: string, value: Secret, requestToken: string): Promise<void> {
    await this.#turn();
    const isKnown = (await this.#vault.get(name, requestToken)) !== undefined;
    const before = await this.#vault.get(name);
    try {
      await this.#vault.put(name, value, { requestToken });
    } catch (error) {
      if (error instanceof VersionQuotaError) this.versionQuotaRefusals += 1;
      throw error;
    }
    if (!isKnown) this.#noteVersion(name, value, before);
  }

  async createSecret(name: string, value: Secret): Promise<boolean> {
    await this.#turn();
    const created = await this.#vault.create(name, value);
    if (created) this.#noteVersion(name, value, undefined);
    return created;
  }

  removeSecret(name: string, recoveryDays: number): Promise<void> {
    return this.#vault.remove(name, recoveryDays);
  }

  retagSecret(name: string, changes: TagChanges): Promise<void> {
    return this.#vault.retag(name, changes);
  }

  /** A write beyond the rate is refused, and the client tries it again a few times. */
  async #turn(): Promise<void> {
    for (const pauseMs of [...CLIENT_PAUSES_MS, 0]) {
      if (this.#writes.count(this.#timeline.nowMs) < WRITES_A_SECOND) {
        this.#writes.add(this.#timeline.nowMs);
        return;
      }
      await this.#timeline.pause(pauseMs);
    }
    throw new StoreUnavailableError('too many writes a second');
  }

  #noteVersion(name: string, value: Secret, before: SecretVersion | undefined): void {
    const { nowMs } = this.#timeline;
    const versions = this.#versions.get(name) ?? new RateWindow(DAY_MS);
    versions.add(nowMs);
    this.#versions.set(name, versions);
    const seenByAllAtMs = nowMs + this.#dice.between(0, STALE_MS);
    this.#written.set(name, { before, seenByAllAtMs });
    this.#witness.keptInVault(name, value.reveal(), seenByAllAtMs);
  }
}
