import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import type { Timestamp } from '../../shared/telemetry/timestamps.ts';
import { ProtocolWorld } from '../crash/protocol-world.ts';
import type { SealedValues } from '../crash/ring-sealer.ts';
import type { Watcher } from '../crash/surroundings.ts';
import { type IssuedToken, WitnessProvider } from '../crash/witness-provider.ts';
import type { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import type { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';
import { MemoryTable } from '../support/fakes/memory-table.ts';
import type { Stores } from './stores.ts';

/** What a world begins with: made once, taken up again for every order. */
export interface Beginning {
  readonly nowMs: number;
  readonly records: readonly CredentialRecord[];
  readonly quotas: readonly QuotaRecord[];
  readonly timestamps: readonly Timestamp[];
  readonly secrets: readonly (readonly [name: string, value: string])[];
  readonly issued: readonly IssuedToken[];
  readonly sealed: SealedValues;
}

/** The state of a prepared world, once nothing of it is under way. */
export async function beginningOf(world: ProtocolWorld): Promise<Beginning> {
  const secrets: [string, string][] = [];
  for (const name of world.secrets.names()) {
    const stored = await world.secrets.get(name);
    if (stored) secrets.push([name, stored.value.reveal()]);
  }
  return {
    nowMs: world.clock.nowMs(),
    records: world.ledger.items(),
    quotas: world.quotaTable.items(),
    timestamps: world.timestampsTable.items(),
    secrets,
    issued: [...world.provider.issued.values()],
    sealed: world.sealed,
  };
}

/** Takes up a world again where an order has left it. */
export class SmallWorld extends ProtocolWorld {
  override readonly provider: WitnessProvider;
  override readonly ledger: MemoryLedger<CredentialRecord>;
  override readonly quotaTable: MemoryTable<QuotaRecord>;
  override readonly timestampsTable: MemoryTable<Timestamp>;
  override readonly secrets: MemorySecretStore;
  override readonly sealed: SealedValues;
  #drawn = 0;
  /** No id of before is drawn again. */
  override readonly random = { id: () => `later-${++this.#drawn}`, fraction: () => 0 };

  constructor(watcher: Watcher, clock: ManualClock, stores: Stores, sealed: SealedValues) {
    super(watcher, clock);
    const { ledger, quota, timestamps, vault, provider } = stores;
    this.provider = new WitnessProvider(clock);
    for (const issued of provider.provider.issued.values())
      this.provider.issued.set(issued.token, { ...issued });
    this.ledger = new MemoryLedger({ items: ledger.items });
    this.quotaTable = new MemoryTable({ keyName: 'quotaKey', items: quota.items });
    this.timestampsTable = new MemoryTable({ keyName: 'quotaKey', items: timestamps.items });
    this.secrets = vault.secrets.copy(clock);
    this.sealed = sealed;
  }
}
