import { secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { CredentialSettings } from '../../shared/credential/settings.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import type { Random } from '../../shared/random/random.ts';
import { seedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { newKeyRing } from '../../shared/sealing/key-ring.ts';
import type { Secret } from '../../shared/secret/secret.ts';
import type { Timestamp } from '../../shared/telemetry/timestamps.ts';
import type { PublishedValue } from '../../shared/vault/published-value.ts';
import { renderClient } from '../../shared/vault/stored-client.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryEventPublisher } from '../support/fakes/memory-event-publisher.ts';
import { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';
import { MemoryTable } from '../support/fakes/memory-table.ts';
import { MemoryTelemetry } from '../support/fakes/memory-telemetry.ts';
import { bs2Settings } from '../support/records.ts';
import { Container } from './container.ts';
import type { Passage } from './port-calls.ts';
import { RingSealer, type SealedValues } from './ring-sealer.ts';
import { CREDENTIAL, type Surroundings, type Watcher } from './surroundings.ts';
import type { Post } from './watched-endpoint.ts';
import { WitnessProvider } from './witness-provider.ts';

const LANES = 12;

const unhindered: Passage = { before: async () => undefined, after: async () => undefined };

/**
 * The refresh protocol over in-memory stores with a provider that bears witness, on virtual time. Every call of
 * every container goes through a {@link Passage} of its own, where it can be held up, lost, or be its last.
 */
export class ProtocolWorld implements Surroundings {
  readonly clock: ManualClock;
  readonly provider: WitnessProvider;
  readonly ledger = new MemoryLedger<CredentialRecord>();
  readonly quotaTable = new MemoryTable<QuotaRecord>({ keyName: 'quotaKey' });
  readonly timestampsTable = new MemoryTable<Timestamp>({ keyName: 'quotaKey' });
  readonly telemetry = new MemoryTelemetry();
  readonly secrets: MemorySecretStore;
  readonly replaced: Surroundings['replaced'] = new Map();
  isBehind: Surroundings['isBehind'] = () => false;
  readonly events = new MemoryEventPublisher();
  readonly names = secretNames('renova/prd');
  readonly timing = timing(1);
  readonly posts: Post[] = [];
  readonly containers: Container[] = [];
  readonly watcher: Watcher;
  readonly sealed: SealedValues = new Map();
  #ids = 0;
  readonly random: Random = { id: () => `id-${++this.#ids}`, fraction: () => 0.5 };

  constructor(watcher: Watcher = {}, clock = new ManualClock()) {
    this.watcher = watcher;
    this.clock = clock;
    this.provider = new WitnessProvider(clock);
    this.secrets = new MemorySecretStore({ clock });
  }

  /** Another container, with nothing in memory. */
  container(name: string, passage: Passage = unhindered): Container {
    const container = new Container(this, name, passage);
    this.containers.push(container);
    return container;
  }

  /** A registered credential that has never been refreshed; its first refresh is due. */
  async register(settings: Partial<CredentialSettings> = {}, lanes = LANES): Promise<void> {
    const { names, secrets } = this;
    for (const ring of [names.accessRing, names.refreshRing]) await secrets.create(ring, newKeyRing('k1'));
    await secrets.create(
      names.client(CREDENTIAL),
      renderClient({ client_id: 'fake-id', client_secret: 'fake-secret' }),
    );
    const { context } = this.container('registrar');
    const all = bs2Settings({ credential: CREDENTIAL, ...settings });
    const chain = this.random.id();
    await context.publication.createLanes({ credential: CREDENTIAL, provider: 'bs2', chain, lanes });
    await seedChain(context, { settings: all, chain, lanes, refreshToken: this.provider.login() });
    await this.clock.advance(this.timing.tickMs);
  }

  /** The record as the ledger has it. */
  get record(): CredentialRecord {
    const record = this.ledger.items().find(({ credential }) => credential === CREDENTIAL);
    if (!record) throw new Error(`no record of ${CREDENTIAL}`);
    return record;
  }

  /** The tokens of the current pair. */
  async currentTokens(): Promise<{ access?: Secret; refresh?: Secret }> {
    const { pair } = this.record;
    if (!pair) return {};
    const { accessRing, refreshRing } = this.names;
    const sealer = new RingSealer(
      this.secrets,
      { access: accessRing, refresh: refreshRing },
      this.clock,
      this.sealed,
    );
    const access = await sealer.accessToken(CREDENTIAL, pair);
    return { access, refresh: await sealer.refreshToken(CREDENTIAL, pair) };
  }

  /** What the lanes hold, the highest generation first. */
  async published(): Promise<PublishedValue[]> {
    const values: PublishedValue[] = [];
    for (let lane = 0; lane < this.record.publication.lanes; lane += 1) {
      const stored = await this.secrets.get(this.names.lane(CREDENTIAL, lane));
      if (stored) values.push(JSON.parse(stored.value.reveal()));
    }
    return values.sort((a, b) => b.generation - a.generation);
  }

  /**
   * Ticks once a minute for so many minutes of virtual time, by the given containers in turn, as far as they live.
   * A tick that is still at work when the next one comes goes on beside it.
   */
  async ticks(minutes: number, containers: readonly Container[]): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      const free = containers.filter((container) => container.isFree);
      void free[minute % free.length]?.tick().catch(() => undefined);
      await this.clock.advance(this.timing.tickMs);
    }
  }
}
