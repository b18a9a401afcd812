import type { Clock } from '../clock/clock.ts';
import type { SecretNames } from '../config/names.ts';
import type { CredentialRecord, SealedPair } from '../credential/credential.ts';
import { type ParameterStore, STANDARD_BYTES } from '../parameter-store/parameter-store.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Secret } from '../secret/secret.ts';
import {
  RequestTokenReusedError,
  SecretNotFoundError,
  type SecretStore,
  VersionQuotaError,
} from '../secret-store/secret-store.ts';
import { laneAt, laneBefore, MAX_LANES } from './lanes.ts';
import {
  asParameter,
  parsePublished,
  publishToken,
  renderPlaceholder,
  renderPublished,
} from './published-value.ts';

/** Writes current pairs into the lanes that workloads read. */
export class Publication {
  readonly #store: SecretStore;
  readonly #names: SecretNames;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #dayMs: number;
  readonly #parameters: ParameterStore | undefined;

  constructor(
    store: SecretStore,
    names: SecretNames,
    sealer: Sealer,
    clock: Clock,
    dayMs: number,
    parameters?: ParameterStore,
  ) {
    this.#store = store;
    this.#names = names;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#dayMs = dayMs;
    this.#parameters = parameters;
  }

  /** Creates the lanes, each with a placeholder; lanes that exist stay as they are. */
  async createLanes(
    record: Parameters<typeof renderPlaceholder>[0] & Pick<CredentialRecord, 'tags'>,
  ): Promise<void> {
    const placeholder = renderPlaceholder(record);
    for (let lane = 0; lane < record.lanes; lane += 1) {
      await this.#store.create(this.#names.lane(record.credential, lane), placeholder, this.#labels(record));
    }
  }

  /**
   * Puts the current pair into the lane of this moment's slot; into the one before when that one has no
   * version left. When the number of lanes has changed, into the lane first where readers look that know the former one
   * alone. Doing it again writes nothing into a lane. Then into its parameter, if it has one. Rejects when `signal`
   * aborts or the store is unavailable.
   */
  async publish(record: CredentialRecord, signal?: AbortSignal): Promise<void> {
    const { lanes, formerLanes = [] } = record.publication;
    const value = await this.#render(record);
    const former = await Promise.allSettled(
      formerLanes.map((known) => this.#putIntoSlot(record, known, value, signal)),
    );
    await this.#putIntoSlot(record, lanes, value, signal);
    const failed = former.find(({ status }) => status === 'rejected');
    // A lane that takes no version more will not take this one before its readers know better.
    if (failed?.status === 'rejected' && !(failed.reason instanceof VersionQuotaError)) throw failed.reason;
    if (record.parameter) await this.#putParameter(record, value, signal);
  }

  /** Puts it into the lane where readers look at this moment if they know of so many lanes. */
  async #putIntoSlot(
    record: CredentialRecord,
    lanes: number,
    value: Secret,
    signal?: AbortSignal,
  ): Promise<void> {
    const lane = laneAt(this.#clock.nowMs(), lanes, this.#dayMs);
    try {
      await this.#put(record, lane, value, signal);
    } catch (error) {
      if (!(error instanceof VersionQuotaError) || lanes === 1) throw error;
      await this.#put(record, laneBefore(lane, lanes), value, signal);
    }
  }

  /**
   * The pairs that lanes hold now: all lanes that there can be, because a record from a backup may know of fewer than
   * were added since, or of none. Rejects when the store is unavailable.
   */
  async published(record: CredentialRecord): Promise<SealedPair[]> {
    const lanes = Array.from({ length: MAX_LANES }, (_, lane) => this.#names.lane(record.credential, lane));
    const stored = await Promise.all(lanes.map((name) => this.#store.get(name)));
    const pairs = stored.map((secret) => secret && parsePublished(secret.value, record.refreshTokenMs));
    return pairs.filter((pair) => pair !== undefined).map((pair) => withEndOfChain(record, pair));
  }

  /** Deletes the parameter of a credential; nothing happens if there is none. */
  async removeParameter({ credential }: Pick<CredentialRecord, 'credential'>): Promise<void> {
    await this.#parameters?.remove(this.#names.parameter(credential));
  }

  /** Labels what was published of a credential as its record says, and takes the tags `drop` away. */
  async relabel(record: CredentialRecord, drop: readonly string[]): Promise<void> {
    const changes = { set: this.#labels(record).tags, drop };
    for (let lane = 0; record.publish !== 'none' && lane < record.publication.lanes; lane += 1) {
      await this.#store.retag(this.#names.lane(record.credential, lane), changes);
    }
    if (record.parameter) await this.#parameters?.retag(this.#names.parameter(record.credential), changes);
  }

  async #putParameter(record: CredentialRecord, value: Secret, signal?: AbortSignal): Promise<void> {
    if (!this.#parameters)
      throw new TypeError(`${record.credential} has a parameter, and there is no store for it`);
    const fitting = asParameter(value, STANDARD_BYTES);
    await this.#parameters.put(this.#names.parameter(record.credential), fitting, {
      ...this.#labels(record),
      signal,
    });
  }

  async #render(record: CredentialRecord): Promise<Secret> {
    const { pair, credential } = record;
    if (!pair?.sealedAccess) throw new TypeError(`${credential} has no access token to publish`);
    return renderPublished(record, pair, {
      accessToken: await this.#sealer.accessToken(credential, pair),
      refreshToken: record.publish === 'pair' ? await this.#sealer.refreshToken(credential, pair) : undefined,
    });
  }

  async #put(record: CredentialRecord, lane: number, value: Secret, signal?: AbortSignal): Promise<void> {
    const name = this.#names.lane(record.credential, lane);
    if (!record.pair) return;
    const requestToken = publishToken(record, record.pair);
    try {
      await this.#store.put(name, value, { requestToken, signal });
    } catch (error) {
      // A lane that was added when the provider shortened its lifetimes, or that somebody deleted. Never after the
      // signal: a removal waits no longer for this publish, and a lane that it deleted would come back.
      if (error instanceof SecretNotFoundError) {
        if (!(await this.#store.create(name, value, { ...this.#labels(record), signal }))) throw error;
        return;
      }
      // The token names this pair as it is published: whatever it wrote, it is this.
      if (!(error instanceof RequestTokenReusedError)) throw error;
    }
  }

  #labels(record: Pick<CredentialRecord, 'credential' | 'tags'>) {
    return {
      description: `Renova: published token of ${record.credential}`,
      tags: { ...record.tags, 'renova:credential': record.credential },
    };
  }
}

/** A chain with an absolute end has it in the ledger, and no later pair moves it. */
function withEndOfChain(
  { refreshTokenLifetime, pair: known }: CredentialRecord,
  pair: SealedPair,
): SealedPair {
  if (refreshTokenLifetime !== 'absolute' || known?.chain !== pair.chain) return pair;
  const { refreshTokenExpiresAtMs, refreshTokenSinceMs = known.issuedAtMs } = known;
  return { ...pair, refreshTokenExpiresAtMs, refreshTokenSinceMs };
}
