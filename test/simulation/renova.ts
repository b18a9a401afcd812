import { FUNCTIONS } from '../../shared/config/functions.ts';
import { secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import type { CredentialSettings } from '../../shared/credential/settings.ts';
import type { Log } from '../../shared/log/log.ts';
import { Quota } from '../../shared/quota/quota.ts';
import { type ReadContext, readToken } from '../../shared/read/read-token.ts';
import { TokenMemory } from '../../shared/read/token-memory.ts';
import type { RefreshContext } from '../../shared/refresh/context.ts';
import { refreshNow } from '../../shared/refresh/operator/refresh-now.ts';
import { reseedChain, seedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { RefusalLog } from '../../shared/refresh/outcome/refusal-log.ts';
import { tick } from '../../shared/refresh/tick/tick.ts';
import { RefreshServiceError } from '../../shared/refresh-service/refresh-service.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { silentTelemetry } from '../../shared/telemetry/telemetry.ts';
import { Timestamps } from '../../shared/telemetry/timestamps.ts';
import { ClientSecrets } from '../../shared/vault/client-secrets.ts';
import { laneCount } from '../../shared/vault/lanes.ts';
import { Publication } from '../../shared/vault/publication.ts';
import { Rescue } from '../../shared/vault/rescue.ts';
import { renderClient } from '../../shared/vault/stored-client.ts';
import { bs2Settings } from '../support/records.ts';
import type { Container } from './container.ts';
import { LaneReader } from './lane-reader.ts';
import { openSealer } from './open-sealer.ts';
import { Pool } from './pool.ts';
import { portsOf } from './ports.ts';
import type { Reading, Strategy, World } from './strategy.ts';
import { tokenEndpointOf } from './token-post.ts';

const TIMES = timing(1);
/** How long a registration waits for its first refresh; a tick makes it otherwise. */
const FIRST_REFRESH_MS = 20_000;

/** Makes another refresh context of a container's own: how a test takes a part of the protocol away. */
export type Alter = (context: RefreshContext, container: Container) => RefreshContext;

/** Renova's own code, container by container, over simulated ports. */
export class RenovaStrategy implements Strategy {
  readonly #world: World;
  readonly #names: ReturnType<typeof secretNames>;
  readonly #refresh: Pool<RefreshContext>;
  readonly #read: Pool<ReadContext>;
  readonly #lanes: LaneReader;

  constructor(world: World, alter: Alter = (context) => context) {
    this.#world = world;
    this.#names = secretNames(`renova/${world.settings.environment}`);
    this.#lanes = new LaneReader(world, this.#names, this.#laneCount);
    const lifeMs = () => world.faults.containerLifeMs();
    this.#refresh = new Pool(world, {
      name: 'refresh',
      timeoutMs: FUNCTIONS.refresh.timeoutSeconds * 1000,
      dice: world.dice.named('refresh pool'),
      lifeMs,
      build: (container) => alter(this.#refreshContext(container), container),
    });
    this.#read = new Pool(world, {
      name: 'read',
      timeoutMs: FUNCTIONS.read.timeoutSeconds * 1000,
      dice: world.dice.named('read pool'),
      lifeMs,
      build: (container) => this.#readContext(container),
    });
  }

  async register(credential: string, refreshToken: string): Promise<void> {
    const chain = `${credential}-1`;
    const settings = this.#settings(credential);
    const lanes = this.#laneCount;
    const client = renderClient({ client_id: 'fake-id', client_secret: 'fake-secret' });
    await this.#refresh.invoke(async (context, run) => {
      await this.#world.stores.createSecret(this.#names.client(credential), client);
      await context.publication.createLanes({ credential, provider: settings.provider, chain, lanes });
      await seedChain(context, { settings, chain, lanes, refreshToken: new Secret(refreshToken) });
      const first = { ifGeneration: 0, priority: 'reader' } as const;
      await refreshNow(context, run, credential, first, FIRST_REFRESH_MS);
    });
  }

  async tick(): Promise<void> {
    await this.#refresh.invoke((context, run) => tick(context, run));
  }

  async relogin(credential: string, refreshToken: string): Promise<void> {
    const reseed = {
      credential,
      chain: `${credential} ${refreshToken}`,
      refreshToken: new Secret(refreshToken),
    };
    await this.#refresh.invoke((context) => reseedChain(context, reseed));
  }

  readSecret(credential: string, clock: { nowMs(): number }): Promise<Reading | undefined> {
    return this.#lanes.read(credential, clock);
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

  get #laneCount(): number {
    return laneCount(this.#world.settings.accessLifeMs, TIMES.dayMs);
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
      environment: this.#world.settings.environment,
      timing: TIMES,
      log: logTo((line) => witness.told(line)),
      clock,
      random,
      events,
      ledger,
      sealer,
      quota: new Quota(quotaTable, clock, random, TIMES.quotaMarginMs),
      clientSecrets: new ClientSecrets(vault, names, clock),
      rescue: new Rescue(vault, names),
      publication: new Publication(vault, names, sealer, clock, TIMES.dayMs),
      tokenEndpoint: tokenEndpointOf(container, this.#world, this.#world.classify),
      telemetry: silentTelemetry,
      timestamps: new Timestamps(timestampsTable, clock, random),
      refusalLog: new RefusalLog(timestampsTable, clock, random),
      unstored: new Map(),
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
        refresh: ({ credential, waitMs, ...wish }) =>
          invoke(() =>
            this.#refresh.invoke((context, run) =>
              refreshNow(context, run, credential, { ...wish, priority: 'reader' }, waitMs),
            ),
          ),
      },
    };
  }

  #settings(credential: string): CredentialSettings {
    const { accessLifeMs, refreshLifeMs, limit, windowMs } = this.#world.settings;
    return bs2Settings({
      credential,
      quota: { key: 'bs2', limit, windowMs },
      defaultAccessTokenMs: accessLifeMs,
      refreshTokenMs: refreshLifeMs,
    });
  }
}

function logTo(write: (line: object) => void): Log {
  const log = (message: string, fields?: object) => write({ message, ...fields });
  return { debug: log, info: log, warn: log, error: log };
}
