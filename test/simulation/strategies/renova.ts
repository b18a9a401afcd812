import { ENVIRONMENT_SETTINGS, type EnvironmentSettings } from '../../../shared/config/environments.ts';
import { FUNCTIONS } from '../../../shared/config/functions.ts';
import { secretNames } from '../../../shared/config/names.ts';
import { timing } from '../../../shared/config/timing.ts';
import type { Log } from '../../../shared/log/log.ts';
import { Quota } from '../../../shared/quota/quota.ts';
import { type ReadContext, readToken } from '../../../shared/read/read-token.ts';
import { TokenMemory } from '../../../shared/read/token-memory.ts';
import type { RefreshContext } from '../../../shared/refresh/context.ts';
import { refreshNow } from '../../../shared/refresh/operator/refresh-now.ts';
import { reseedChain, seedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { RefusalLog } from '../../../shared/refresh/outcome/refusal-log.ts';
import { tick } from '../../../shared/refresh/tick/tick.ts';
import { TickRhythm } from '../../../shared/refresh/tick/tick-rhythm.ts';
import { RefreshServiceError } from '../../../shared/refresh-service/refresh-service.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { silentTelemetry } from '../../../shared/telemetry/telemetry.ts';
import { Timestamps } from '../../../shared/telemetry/timestamps.ts';
import { ClientSecrets } from '../../../shared/vault/client-secrets.ts';
import { laneCount } from '../../../shared/vault/lanes.ts';
import { Publication } from '../../../shared/vault/publication.ts';
import { Rescue } from '../../../shared/vault/rescue.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import { ScriptedNetworkEndpoint } from '../../support/fakes/scripted-network-endpoint.ts';
import type { Container } from '../containers/container.ts';
import { openSealer } from '../containers/open-sealer.ts';
import { Pool } from '../containers/pool.ts';
import { portsOf } from '../containers/ports.ts';
import { tokenEndpointOf } from '../provider/token-post.ts';
import { LaneReader } from '../readers/lane-reader.ts';
import { settingsOf } from './registered-settings.ts';
import type { Login, Reading, Strategy, World } from './strategy.ts';

const TIMES = timing(1);
/** How long a registration waits for its first refresh; a tick makes it otherwise. */
const FIRST_REFRESH_MS = 20_000;

/** How many invocations of a function may run at a time; of `none`, any number. */
export type Reserved = EnvironmentSettings['reservedConcurrency'];

interface RenovaOptions {
  readonly alter?: Alter;
  /** What the stack of the environment has, unless given. */
  readonly reserved?: Reserved;
}

/** Makes another refresh context of a container's own: how a test takes a part of the protocol away. */
export type Alter = (context: RefreshContext, container: Container) => RefreshContext;

/** Renova's own code, container by container, over simulated ports. */
export class RenovaStrategy implements Strategy {
  readonly #world: World;
  readonly #names: ReturnType<typeof secretNames>;
  readonly #refresh: Pool<RefreshContext>;
  readonly #read: Pool<ReadContext>;
  readonly #lanes: LaneReader;

  constructor(world: World, { alter = (context) => context, reserved }: RenovaOptions) {
    const settings = ENVIRONMENT_SETTINGS[world.environment];
    const { refresh, read } = concurrencyOf(reserved ?? settings.reservedConcurrency);
    this.#world = world;
    this.#names = secretNames(`renova/${world.environment}`);
    this.#lanes = new LaneReader(world, this.#names, (credential) => this.#laneCount(credential));
    const lifeMs = () => world.faults.containerLifeMs();
    this.#refresh = new Pool(world, {
      name: 'refresh',
      timeoutMs: FUNCTIONS.refresh.timeoutSeconds * 1000,
      concurrency: refresh,
      dice: world.dice.named('refresh pool'),
      lifeMs,
      build: (container) => alter(this.#refreshContext(container), container),
    });
    this.#read = new Pool(world, {
      name: 'read',
      timeoutMs: FUNCTIONS.read.timeoutSeconds * 1000,
      concurrency: read,
      dice: world.dice.named('read pool'),
      lifeMs,
      build: (container) => this.#readContext(container),
    });
  }

  async register(credential: string, { refreshToken, issuedAtMs }: Login): Promise<void> {
    const chain = `${credential}-1`;
    const settings = settingsOf(this.#world.populations.of(credential), credential);
    const lanes = this.#laneCount(credential);
    const client = renderClient({ client_id: 'fake-id', client_secret: 'fake-secret' });
    await this.#refresh.invoke(async (context, run) => {
      await this.#world.stores.createSecret(this.#names.client(credential), client);
      await context.publication.createLanes({ credential, provider: settings.provider, chain, lanes });
      const seed = { settings, chain, lanes, refreshToken: new Secret(refreshToken), life: { issuedAtMs } };
      await seedChain(context, seed);
      const first = { ifGeneration: 0, priority: 'reader' } as const;
      await refreshNow(context, run, credential, first, FIRST_REFRESH_MS);
    });
  }

  async tick(): Promise<void> {
    await this.#refresh.invoke((context, run) => tick(context, run));
  }

  async relogin(credential: string, { refreshToken, issuedAtMs }: Login): Promise<void> {
    const reseed = {
      credential,
      chain: `${credential} ${refreshToken}`,
      refreshToken: new Secret(refreshToken),
      life: { issuedAtMs },
    };
    await this.#refresh.invoke((context) => reseedChain(context, reseed));
  }

  readSecret(
    credential: string,
    clock: { nowMs(): number },
    wasRefused?: boolean,
  ): Promise<Reading | undefined> {
    return this.#lanes.read(credential, clock, wasRefused);
  }

  async readFunction(credential: string, refusedGeneration?: number): Promise<Reading | undefined> {
    const { accessToken, pair } = await this.#read.invoke((context) =>
      readToken(context, { credential, refusedGeneration }),
    );
    return {
      accessToken: accessToken.reveal(),
      generation: pair.generation,
      holdUntilMs: pair.refreshAfterMs,
    };
  }

  #laneCount(credential: string): number {
    return laneCount(this.#world.populations.of(credential).accessLifeMs, TIMES.dayMs);
  }

  #ports(container: Container) {
    const { stores, dice, witness } = this.#world;
    return portsOf(container, stores, dice.named(container.name), (events) => witness.accepted(events));
  }

  #refreshContext(container: Container): RefreshContext {
    const { clock } = container;
    const { ledger, quotaTable, timestampsTable, vault, events, random } = this.#ports(container);
    const { witness } = this.#world;
    const names = this.#names;
    const sealer = openSealer(clock, () => vault.get(names.refreshRing));
    return {
      environment: this.#world.environment,
      timing: TIMES,
      log: logTo((line) => witness.told(line)),
      clock,
      random,
      events,
      ledger,
      sealer,
      quota: new Quota(quotaTable, clock, random, TIMES),
      clientSecrets: new ClientSecrets(vault, names, clock),
      rescue: new Rescue(vault, names),
      publication: new Publication(vault, names, sealer, clock, TIMES.dayMs),
      networkEndpoint: new ScriptedNetworkEndpoint(),
      tokenEndpoint: tokenEndpointOf(container, this.#world, this.#world.classify),
      telemetry: silentTelemetry,
      timestamps: new Timestamps(timestampsTable, clock, random),
      refusalLog: new RefusalLog(timestampsTable, clock, random),
      unstored: new Map(),
      turns: new Map(),
      tickRhythm: new TickRhythm(),
    };
  }

  #readContext(container: Container): ReadContext {
    const { ledger, vault } = this.#ports(container);
    const { clock } = container;
    const invoke = <Answer>(work: () => Promise<Answer>) =>
      container.call({ port: 'invoke', operation: 'refresh' }, work).catch(() => {
        throw new RefreshServiceError('The refresh function failed.');
      });
    return {
      clock,
      timing: TIMES,
      memory: new TokenMemory(),
      ledger,
      sealer: openSealer(clock, () => vault.get(this.#names.accessRing)),
      refreshService: {
        refresh: ({ credential, waitMs, ...trigger }) =>
          invoke(() =>
            this.#refresh.invoke((context, run) =>
              refreshNow(context, run, credential, { ...trigger, priority: 'reader' }, waitMs),
            ),
          ),
      },
    };
  }
}

function concurrencyOf(reserved: Reserved): { readonly refresh?: number; readonly read?: number } {
  return reserved === 'none' ? {} : reserved;
}

function logTo(write: (line: object) => void): Log {
  const log = (message: string, fields?: object) => write({ message, ...fields });
  return { debug: log, info: log, warn: log, error: log };
}
