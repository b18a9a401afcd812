import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import { Secret } from '../../shared/secret/secret.ts';
import type { Timestamp } from '../../shared/telemetry/timestamps.ts';
import type { TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import { Container } from '../crash/container.ts';
import { ProtocolWorld } from '../crash/protocol-world.ts';
import type { SealedValues } from '../crash/ring-sealer.ts';
import type { Surroundings, Watcher } from '../crash/surroundings.ts';
import { type IssuedToken, WitnessProvider } from '../crash/witness-provider.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import { MemoryTable } from '../support/fakes/memory-table.ts';
import type { ProviderOutcome } from '../support/fakes/scripted-token-endpoint.ts';
import type { Gate } from './gate.ts';

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

/** A provider that can answer that there were too many requests. */
class SmallProvider extends WitnessProvider {
  isThrottling = false;

  override answer(request: TokenRequest): ProviderOutcome {
    if (!this.isThrottling) return super.answer(request);
    this.isThrottling = false;
    return { kind: 'throttled', retryAfterSeconds: 20 };
  }
}

/** A world that begins where {@link beginningOf} has left off, and whose parties are held at a {@link Gate}. */
export class SmallWorld extends ProtocolWorld {
  override readonly provider: SmallProvider;
  override readonly ledger: MemoryLedger<CredentialRecord>;
  override readonly quotaTable: MemoryTable<QuotaRecord>;
  override readonly timestampsTable: MemoryTable<Timestamp>;
  override readonly sealed: SealedValues;

  constructor(beginning: Beginning, watcher: Watcher) {
    super(watcher, new ManualClock(beginning.nowMs));
    this.provider = new SmallProvider(this.clock);
    for (const issued of beginning.issued) this.provider.issued.set(issued.token, { ...issued });
    this.ledger = new MemoryLedger({ items: beginning.records });
    this.quotaTable = new MemoryTable({ keyName: 'quotaKey', items: beginning.quotas });
    this.timestampsTable = new MemoryTable({ keyName: 'quotaKey', items: beginning.timestamps });
    this.sealed = new Map(beginning.sealed);
  }

  /** Puts the secrets in; a world is of no use before. */
  async begin({ secrets }: Beginning): Promise<void> {
    for (const [name, value] of secrets) await this.secrets.create(name, new Secret(value));
  }

  /** A container of a party, with ids of its own, so that they do not tell in which order things were done. */
  party(name: string, gate: Gate, skewMs = 0): Container {
    let ids = 0;
    const random = { id: () => `${name}-drew-${++ids}`, fraction: () => 0 };
    const clock = skewMs === 0 ? this.clock : skewed(this.clock, skewMs);
    const own: Surroundings = Object.create(this, { random: { value: random }, clock: { value: clock } });
    const container: Container = new Container(
      own,
      name,
      gate.passage(name, () => container),
    );
    this.containers.push(container);
    return container;
  }
}

function skewed(clock: ManualClock, skewMs: number): ManualClock {
  return Object.create(clock, {
    nowMs: { value: () => clock.nowMs() + skewMs },
    monotonicMs: { value: () => clock.monotonicMs() },
    sleep: { value: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal) },
  });
}
