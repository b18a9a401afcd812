import { secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import { applyTransition } from '../../shared/credential/apply-transition.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { CredentialSettings } from '../../shared/credential/settings.ts';
import { silentLog } from '../../shared/log/log.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import { Quota } from '../../shared/quota/quota.ts';
import type { Random } from '../../shared/random/random.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../../shared/refresh/context.ts';
import { seedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { RefusalLog } from '../../shared/refresh/outcome/refusal-log.ts';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import type { RefreshTrigger } from '../../shared/refresh/step.ts';
import { type TickReport, tick } from '../../shared/refresh/tick/tick.ts';
import { TickRhythm } from '../../shared/refresh/tick/tick-rhythm.ts';
import type { Secret } from '../../shared/secret/secret.ts';
import { type Timestamp, Timestamps } from '../../shared/telemetry/timestamps.ts';
import { ClientSecrets } from '../../shared/vault/client-secrets.ts';
import { Publication } from '../../shared/vault/publication.ts';
import type { PublishedValue } from '../../shared/vault/published-value.ts';
import { Rescue } from '../../shared/vault/rescue.ts';
import { renderClient } from '../../shared/vault/stored-client.ts';
import { Busy } from './busy.ts';
import { ManualClock } from './fakes/manual-clock.ts';
import { MemoryEventPublisher } from './fakes/memory-event-publisher.ts';
import { MemoryLedger } from './fakes/memory-ledger.ts';
import { MemoryParameterStore } from './fakes/memory-parameter-store.ts';
import { MemorySealer } from './fakes/memory-sealer.ts';
import { MemorySecretStore } from './fakes/memory-secret-store.ts';
import { MemoryTable } from './fakes/memory-table.ts';
import { MemoryTelemetry } from './fakes/memory-telemetry.ts';
import { ScriptedNetworkEndpoint } from './fakes/scripted-network-endpoint.ts';
import { ScriptedTokenEndpoint } from './fakes/scripted-token-endpoint.ts';
import type { HookPoint, StoreHooks } from './fakes/store-hooks.ts';
import { bs2Settings } from './records.ts';
import { RotatingProvider } from './rotating-provider.ts';

const names = secretNames('renova/prd');
const times = timing(1);
const LONG_RUN: Invocation = { remainingMs: () => 10 * 60_000 };

/** What makes a call of a store fail: `ledger`, `quota`, `timestamps` or `vault`, its operation and key. */
export type Fault = (store: string, operation: string, name: string) => HookPoint | undefined;

/**
 * The whole refresh domain over in-memory stores, a rotating provider and virtual time. Several containers
 * share the stores and the provider, each with its own memory.
 */
export class World {
  readonly clock = new ManualClock();
  readonly provider: RotatingProvider;
  readonly endpoint = new ScriptedTokenEndpoint({ clock: this.clock });
  readonly networks = new ScriptedNetworkEndpoint();
  readonly ledger: MemoryLedger<CredentialRecord>;
  readonly secrets: MemorySecretStore;
  readonly parameters = new MemoryParameterStore();
  readonly names = names;
  readonly timing = times;
  readonly sealer = new MemorySealer();
  /** Time stands still while one of its calls is under way. */
  readonly busy = new Busy();
  readonly events = new MemoryEventPublisher();
  readonly telemetry = new MemoryTelemetry();
  /** Set by a test to make calls fail. */
  fault: Fault = () => undefined;
  readonly #quotaTable: MemoryTable<QuotaRecord>;
  readonly #timestampsTable: MemoryTable<Timestamp>;
  #ids = 0;
  readonly random: Random = { id: () => `id-${++this.#ids}`, fraction: () => 0.5 };
  readonly container: RefreshContext;

  /** `lifeSeconds`: how long its provider's access tokens live. */
  constructor({ lifeSeconds }: { readonly lifeSeconds?: number } = {}) {
    this.provider = new RotatingProvider(this.clock, lifeSeconds);
    const hooks = (store: string): StoreHooks => ({
      faults: (operation, name) => this.fault(store, operation, name),
    });
    this.ledger = new MemoryLedger<CredentialRecord>({ hooks: hooks('ledger') });
    this.#quotaTable = new MemoryTable<QuotaRecord>({ keyName: 'quotaKey', hooks: hooks('quota') });
    this.#timestampsTable = new MemoryTable<Timestamp>({ keyName: 'quotaKey', hooks: hooks('timestamps') });
    this.secrets = new MemorySecretStore({ clock: this.clock, hooks: hooks('vault') });
    this.endpoint.playAlways(this.provider.answer);
    this.container = this.newContainer();
  }

  /** Another Lambda container: nothing in memory but what it loads. */
  newContainer(): RefreshContext {
    const { clock, random, sealer, secrets } = this;
    return {
      environment: 'prd',
      events: this.events,
      clock,
      random,
      timing: times,
      log: silentLog,
      ledger: this.ledger,
      quota: new Quota(this.#quotaTable, clock, random, times),
      sealer,
      clientSecrets: new ClientSecrets(secrets, names, clock),
      rescue: new Rescue(secrets, names),
      publication: new Publication(secrets, names, sealer, clock, times.dayMs, this.parameters),
      networkEndpoint: this.networks,
      tokenEndpoint: this.endpoint,
      telemetry: this.telemetry,
      timestamps: new Timestamps(this.#timestampsTable, clock, random),
      refusalLog: new RefusalLog(this.#timestampsTable, clock, random),
      unstored: new Map(),
      turns: new Map(),
      tickRhythm: new TickRhythm(),
    };
  }

  /** Registers a credential whose first refresh is due now. */
  async seed(credential: string, settings: Partial<CredentialSettings> = {}): Promise<void> {
    const lanes = 12;
    await this.secrets.create(
      names.client(credential),
      renderClient({ client_id: 'fake-id', client_secret: 'fake-secret' }),
    );
    const all = bs2Settings({ credential, ...settings });
    const chain = this.random.id();
    if (all.publish !== 'none') {
      await this.container.publication.createLanes({ credential, provider: all.provider, chain, lanes });
    }
    const refreshToken = all.grant === 'refresh_token' ? this.provider.login() : undefined;
    await seedChain(this.container, { settings: all, chain, lanes, refreshToken });
    await applyTransition(this.container, credential, (record) => ({
      ...record,
      refreshAtMs: this.clock.nowMs(),
    }));
  }

  refresh(
    credential: string,
    trigger: RefreshTrigger = {},
    container = this.container,
    run = LONG_RUN,
  ): Promise<RefreshResult> {
    return this.drive(refreshCredential(container, run, credential, { priority: 'reader', ...trigger }));
  }

  tick(container = this.container, run = LONG_RUN): Promise<TickReport> {
    return this.drive(tick(container, run));
  }

  /** Ticks once a minute for `minutes` of virtual time. */
  async ticks(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      const startMs = this.clock.monotonicMs();
      await this.tick();
      await this.clock.advance(Math.max(0, 60_000 - (this.clock.monotonicMs() - startMs)));
    }
  }

  /** Lets virtual time pass, as far as it takes, until the work is done. */
  async drive<Result>(work: Promise<Result>): Promise<Result> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => undefined);
    for (let rounds = 0; !done && rounds < 20; rounds += 1) await this.clock.advance(0);
    while (!done) {
      await this.busy.over();
      await this.clock.advance(50);
    }
    return watched;
  }

  async record(credential: string): Promise<CredentialRecord> {
    const { fault } = this;
    this.fault = () => undefined;
    const record = await this.ledger.load(credential);
    this.fault = fault;
    if (!record) throw new Error(`no record of ${credential}`);
    return record;
  }

  /** The access token in the ledger. */
  async accessToken(credential: string): Promise<Secret | undefined> {
    const { pair } = await this.record(credential);
    return pair && this.sealer.accessToken(credential, pair);
  }

  /** True if the provider would take the refresh token in the ledger. */
  async chainLives(credential: string): Promise<boolean> {
    const { pair } = await this.record(credential);
    return this.provider.takes(pair && (await this.sealer.refreshToken(credential, pair)));
  }

  /** The published value of the highest generation in any lane. */
  async published(credential: string): Promise<PublishedValue> {
    const { fault } = this;
    this.fault = () => undefined;
    const { lanes } = (await this.record(credential)).publication;
    const values: PublishedValue[] = [];
    for (let lane = 0; lane < lanes; lane += 1) {
      const stored = await this.secrets.get(names.lane(credential, lane));
      if (stored) values.push(JSON.parse(stored.value.reveal()));
    }
    this.fault = fault;
    const [latest] = values.sort((a, b) => b.generation - a.generation);
    if (!latest) throw new Error(`nothing is published of ${credential}`);
    return latest;
  }
}

/** Fails the next `count` calls that match, on the given side of their effect. */
export function failing(store: string, operation: string, point: HookPoint, count = 1, match = ''): Fault {
  let left = count;
  return (failingStore, failingOperation, name) => {
    if (failingStore !== store || failingOperation !== operation || !name.includes(match) || left === 0)
      return undefined;
    left -= 1;
    return point;
  };
}
