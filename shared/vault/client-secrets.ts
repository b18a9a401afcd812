import * as v from 'valibot';
import { ageMs } from '../clock/age.ts';
import type { Clock } from '../clock/clock.ts';
import type { SecretNames } from '../config/names.ts';
import type { Secret } from '../secret/secret.ts';
import type { SecretStore } from '../secret-store/secret-store.ts';
import type { ClientSecret } from '../token-endpoint/token-endpoint.ts';
import { AnyStoredClient, clientSecretOf, renderClient, type StoredClient } from './stored-client.ts';

/** A credential's client secret is missing or is not what registration wrote. */
export class ClientSecretError extends Error {
  readonly code = 'invalid-client-secret';
  override readonly name = 'ClientSecretError';
}

/** A provider that knows no clients (BSN) has users. */
const UsableClient = v.pipe(
  AnyStoredClient,
  v.check(({ client_id, username }) => Boolean(client_id) || username !== undefined),
);

interface Loaded {
  readonly client: ClientSecret;
  /** The same as it is stored. */
  readonly stored: () => StoredClient;
  readonly versionId: string;
  readonly atMs: number;
}

const KEEP_MS = 10 * 60 * 1000;

/** The secrets `…/client`, kept in the container's memory and served from it while the vault is away. */
export class ClientSecrets {
  readonly #store: SecretStore;
  readonly #names: SecretNames;
  readonly #clock: Clock;
  readonly #cached = new Map<string, Loaded>();

  constructor(store: SecretStore, names: SecretNames, clock: Clock) {
    this.#store = store;
    this.#names = names;
    this.#clock = clock;
  }

  /**
   * The client secret, up to `maxAgeMs` old, or older while the vault is away. Rejects with
   * {@link ClientSecretError}, or `StoreUnavailableError` when none is in memory.
   */
  async get(credential: string, maxAgeMs = KEEP_MS): Promise<ClientSecret> {
    const cached = this.#cached.get(credential);
    if (cached && ageMs(this.#clock, cached.atMs) < maxAgeMs) return cached.client;
    try {
      return (await this.#load(credential)).client;
    } catch (error) {
      if (cached && !(error instanceof ClientSecretError)) return cached.client;
      throw error;
    }
  }

  /** Reads past the cache; true if the vault has another version than the one in memory. */
  async changed(credential: string): Promise<boolean> {
    const before = this.#cached.get(credential)?.versionId;
    return (await this.#load(credential)).versionId !== before;
  }

  /** Changes the given members; the others stay. False if there is no client secret to change. Rejects as the store does. */
  async update(credential: string, changes: Partial<StoredClient>): Promise<boolean> {
    try {
      const before = await this.stored(credential);
      await this.#store.put(this.#names.client(credential), renderClient({ ...before, ...changes }));
    } catch (error) {
      if (error instanceof ClientSecretError) return false;
      throw error;
    }
    this.#cached.delete(credential);
    return true;
  }

  /** The client secret as it is stored now. Rejects as {@link ClientSecrets.update}. */
  async stored(credential: string): Promise<StoredClient> {
    return (await this.#load(credential)).stored();
  }

  async #load(credential: string): Promise<Loaded> {
    const name = this.#names.client(credential);
    const secret = await this.#store.get(name);
    if (!secret)
      throw new ClientSecretError(`${name}: there is no such secret; run update with the client secret.`);
    const { value } = secret;
    const loaded = {
      client: clientSecretOf(parseClient(name, value)),
      stored: () => parseClient(name, value),
      versionId: secret.versionId,
      atMs: this.#clock.nowMs(),
    };
    this.#cached.set(credential, loaded);
    return loaded;
  }
}

function parseClient(name: string, stored: Secret): StoredClient {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), UsableClient), stored.reveal());
  if (!parsed.success) {
    throw new ClientSecretError(
      `${name}: expected JSON with "client_id" or "username"; run update with the client secret.`,
    );
  }
  return parsed.output;
}
