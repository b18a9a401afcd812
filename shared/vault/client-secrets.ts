import * as v from 'valibot';
import { ageMs } from '../clock/age.ts';
import type { Clock } from '../clock/clock.ts';
import type { SecretNames } from '../config/names.ts';
import type { Secret } from '../secret/secret.ts';
import type { SecretStore } from '../secret-store/secret-store.ts';
import type { ClientSecret } from '../token-endpoint/token-endpoint.ts';
import {
  AnyStoredClient,
  changedClient,
  clientSecretOf,
  previousClient,
  renderClient,
  type StoredClient,
} from './stored-client.ts';

/** Whose client it is: a credential's own, or the one of its app. */
export interface ClientOwner {
  readonly credential?: string | undefined;
  readonly app?: string | undefined;
}

/** A client secret is missing or is not what registration wrote. */
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
  /** With the proof that it had before, as long as the provider has not accepted the one that it has. */
  readonly previous?: ClientSecret;
  /** The same as it is stored. */
  readonly stored: () => StoredClient;
  readonly versionId: string;
  readonly atMs: number;
}

const KEEP_MS = 10 * 60 * 1000;
/** Two proofs that are refused within this are both wrong. */
const MOMENT_MS = 60 * 1000;

/**
 * The secrets `…/client` and `app/…`, kept in the container's memory and served from it while the vault is away. The
 * client of an app is read once for all its credentials.
 */
export class ClientSecrets {
  readonly #store: SecretStore;
  readonly #names: SecretNames;
  readonly #clock: Clock;
  /** By name of the secret. */
  readonly #cached = new Map<string, Loaded>();
  /** What each credential was last given: of two that share one, each hears that it was replaced. */
  readonly #given = new Map<string, { readonly versionId: string; readonly isPrevious: boolean }>();
  /** Versions whose proof the provider has refused, and when: the one before is used for a while. By name of the secret. */
  readonly #refused = new Map<string, { readonly versionId: string; readonly atMs: number }>();

  constructor(store: SecretStore, names: SecretNames, clock: Clock) {
    this.#store = store;
    this.#names = names;
    this.#clock = clock;
  }

  /**
   * The client secret, up to `maxAgeMs` old, or older while the vault is away. Rejects with
   * {@link ClientSecretError}, or `StoreUnavailableError` when none is in memory.
   */
  async get(owner: ClientOwner, maxAgeMs = KEEP_MS): Promise<ClientSecret> {
    const name = this.#nameOf(owner);
    const loaded = await this.#recent(name, maxAgeMs);
    const { client, previous, versionId } = loaded;
    const usable = this.#isRefused(name, versionId) ? previous : undefined;
    const isPrevious = usable !== undefined;
    if (owner.credential !== undefined) this.#given.set(owner.credential, { versionId, isPrevious });
    return usable ?? client;
  }

  /** Reads past the cache; true if the vault has another version than the one that the credential was given. */
  async changed(owner: ClientOwner & { readonly credential: string }): Promise<boolean> {
    const before = this.#given.get(owner.credential);
    const { versionId } = await this.#load(this.#nameOf(owner));
    const isChanged = versionId !== before?.versionId;
    if (isChanged) this.#given.set(owner.credential, { versionId, isPrevious: false });
    return isChanged;
  }

  /**
   * Changes the given members, and gives the client as it is then; the others stay. Undefined if there is no client secret
   * to change. Rejects as the store does.
   */
  async update(owner: ClientOwner, changes: Partial<StoredClient>): Promise<StoredClient | undefined> {
    const name = this.#nameOf(owner);
    try {
      const changed = changedClient(await this.stored(owner), changes);
      await this.#store.put(name, renderClient(changed));
      this.#cached.delete(name);
      return changed;
    } catch (error) {
      if (error instanceof ClientSecretError) return undefined;
      throw error;
    }
  }

  /**
   * The provider refused the client that {@link ClientSecrets.get} gave last. True if there is another to try now: the
   * one that an update replaced, which may overlap with it, or the new one, if it was not refused a moment ago.
   */
  useOther(owner: ClientOwner & { readonly credential: string }): boolean {
    const name = this.#nameOf(owner);
    const cached = this.#cached.get(name);
    if (!cached?.previous) return false;
    const refused = this.#refused.get(name);
    if (this.#given.get(owner.credential)?.isPrevious) {
      this.#refused.delete(name);
      return ageMs(this.#clock, refused?.atMs ?? 0) >= MOMENT_MS;
    }
    this.#refused.set(name, { versionId: cached.versionId, atMs: this.#clock.nowMs() });
    return true;
  }

  /**
   * The provider took the client that {@link ClientSecrets.get} gave last: what that one replaced is forgotten. False if
   * it is itself one that was replaced. Rejects as the store does.
   */
  async accepted(owner: ClientOwner & { readonly credential: string }): Promise<boolean> {
    const name = this.#nameOf(owner);
    const given = this.#given.get(owner.credential);
    if (!given || given.isPrevious) return false;
    if (!this.#cached.get(name)?.previous) return true;
    const { stored, versionId } = await this.#load(name);
    const { previous, ...client } = stored();
    if (versionId !== given.versionId || !previous) return true;
    await this.#store.put(name, renderClient(client));
    this.#cached.delete(name);
    return true;
  }

  #isRefused(name: string, versionId: string): boolean {
    const refused = this.#refused.get(name);
    return refused?.versionId === versionId && ageMs(this.#clock, refused.atMs) < KEEP_MS;
  }

  /** The client secret as it is stored now. Rejects as {@link ClientSecrets.update}. */
  async stored(owner: ClientOwner): Promise<StoredClient> {
    return (await this.#load(this.#nameOf(owner))).stored();
  }

  #nameOf({ credential, app }: ClientOwner): string {
    return app === undefined ? this.#names.client(credential ?? '') : this.#names.app(app);
  }

  async #recent(name: string, maxAgeMs: number): Promise<Loaded> {
    const cached = this.#cached.get(name);
    if (cached && ageMs(this.#clock, cached.atMs) < maxAgeMs) return cached;
    try {
      return await this.#load(name);
    } catch (error) {
      if (cached && !(error instanceof ClientSecretError)) return cached;
      throw error;
    }
  }

  async #load(name: string): Promise<Loaded> {
    const secret = await this.#store.get(name);
    if (!secret)
      throw new ClientSecretError(
        `${name}: there is no such secret; run update (of an app: app put) with the client secret.`,
      );
    const { value } = secret;
    const previous = previousClient(parseClient(name, value));
    const loaded = {
      client: clientSecretOf(parseClient(name, value)),
      ...(previous && { previous: clientSecretOf(previous) }),
      stored: () => parseClient(name, value),
      versionId: secret.versionId,
      atMs: this.#clock.nowMs(),
    };
    this.#cached.set(name, loaded);
    return loaded;
  }
}

function parseClient(name: string, stored: Secret): StoredClient {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), UsableClient), stored.reveal());
  if (!parsed.success) {
    throw new ClientSecretError(
      `${name}: expected JSON with "client_id" or "username"; run update (of an app: app put) with the client secret.`,
    );
  }
  return parsed.output;
}
