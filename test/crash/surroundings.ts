import type { SecretNames } from '../../shared/config/names.ts';
import type { Timing } from '../../shared/config/timing.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import type { Random } from '../../shared/random/random.ts';
import type { SecretVersion } from '../../shared/secret-store/secret-store.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import type { Timestamp } from '../../shared/telemetry/timestamps.ts';
import type { ManualClock } from '../support/fakes/manual-clock.ts';
import type { MemoryEventPublisher } from '../support/fakes/memory-event-publisher.ts';
import type { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import type { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';
import type { MemoryTable } from '../support/fakes/memory-table.ts';
import type { PortCall } from './port-calls.ts';
import type { SealedValues } from './ring-sealer.ts';
import type { Post } from './watched-endpoint.ts';
import type { WitnessProvider } from './witness-provider.ts';

/** The one credential that is watched. */
export const CREDENTIAL = 'acme';

/** Somebody who looks at everything that passes. */
export interface Watcher {
  onCall?(call: PortCall, side: 'sent' | 'answered' | 'failed'): void;
  /** A post that is about to be sent. */
  onSent?(post: Post): void;
  /** A post that the provider is about to process. */
  onArrival?(post: Post): void;
  /** A line of a log, as JSON. */
  onLog?(line: string): void;
  /** A write that the ledger accepted. */
  onSave?(before: CredentialRecord | undefined, after: CredentialRecord, container: string): void;
}

/** What the containers of one world share. */
export interface Surroundings {
  readonly clock: ManualClock;
  readonly provider: WitnessProvider;
  readonly ledger: MemoryLedger<CredentialRecord>;
  readonly quotaTable: MemoryTable<QuotaRecord>;
  readonly timestampsTable: MemoryTable<Timestamp>;
  readonly secrets: MemorySecretStore;
  readonly events: MemoryEventPublisher;
  readonly telemetry: Telemetry;
  readonly names: SecretNames;
  readonly timing: Timing;
  readonly random: Random;
  readonly sealed: SealedValues;
  readonly watcher: Watcher;
  /** What each secret held before its last write. */
  readonly replaced: Map<string, { readonly atMs: number; readonly before: SecretVersion | undefined }>;
  /** True if a read of this secret does not see the last write yet, as reads that are eventually consistent may. */
  isBehind(name: string): boolean;
  /** Every post that was sent, in order. */
  readonly posts: Post[];
}
