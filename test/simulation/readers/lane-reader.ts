import type { SecretNames } from '../../../shared/config/names.ts';
import { laneAt, laneBefore, MAX_LANES, slotBeforeStartMs } from '../../../shared/vault/lanes.ts';
import type { PublishedValue } from '../../../shared/vault/published-value.ts';
import type { Reading, World } from '../strategies/strategy.ts';

const DAY_MS = 86_400_000;
/** A reader takes a token for expired this much earlier, and looks for it in the next lane this much before its turn: clocks differ. */
const CLOCK_MARGIN_MS = 2000;
const READ_MS = { from: 4, to: 25 } as const;

/**
 * What a workload does that reads the published secrets itself (docs/protocol.md, "Lanes"): of the lane of
 * this slot and the one before, and near its turn of the next, the highest generation; if that is expired or older than both slots, or tells of
 * another number of lanes than it knew, or the provider refused the last one, all lanes.
 */
export class LaneReader {
  readonly #world: World;
  readonly #names: SecretNames;
  readonly #lanesAtFirst: (credential: string) => number;
  /** As the last value said: more when a provider shortens its lives, fewer when it lengthens them. */
  readonly #known = new Map<string, number>();

  constructor(world: World, names: SecretNames, lanesAtFirst: (credential: string) => number) {
    this.#world = world;
    this.#names = names;
    this.#lanesAtFirst = lanesAtFirst;
  }

  /** The current token, by the reader's own clock; undefined when every one it finds is expired. */
  async read(
    credential: string,
    clock: { nowMs(): number },
    wasRefused = false,
  ): Promise<Reading | undefined> {
    const nowMs = clock.nowMs();
    const lanes = this.#known.get(credential) ?? this.#lanesAtFirst(credential);
    const lane = laneAt(nowMs, lanes, DAY_MS);
    const next = laneAt(nowMs + CLOCK_MARGIN_MS, lanes, DAY_MS);
    const near = new Set([lane, laneBefore(lane, lanes), next]);
    let value = latest(await this.#lanesOf(credential, [...near]));
    const isExpired = () => !value || Date.parse(value.expires_at) <= clock.nowMs() + CLOCK_MARGIN_MS;
    const isOld = () => !value || Date.parse(value.issued_at) < slotBeforeStartMs(nowMs, lanes, DAY_MS);
    if (wasRefused || (value?.lanes ?? lanes) !== lanes || isExpired() || isOld()) {
      value = latest(await this.#lanesOf(credential, [...Array(MAX_LANES).keys()]));
    }
    if (value) this.#known.set(credential, value.lanes);
    if (!value || isExpired()) return undefined;
    return {
      accessToken: value.access_token,
      generation: value.generation,
      holdUntilMs: Date.parse(value.refresh_after),
    };
  }

  async #lanesOf(credential: string, lanes: readonly number[]): Promise<PublishedValue[]> {
    const { timeline, latency, stores } = this.#world;
    await timeline.pause(latency.between(READ_MS.from, READ_MS.to));
    const secrets = await Promise.all(
      lanes.map((lane) => stores.readSecret(this.#names.lane(credential, lane))),
    );
    return secrets.flatMap((secret) => (secret ? [JSON.parse(secret.value.reveal()) as PublishedValue] : []));
  }
}

function latest(values: readonly PublishedValue[]): PublishedValue | undefined {
  return values.reduce<PublishedValue | undefined>(
    (best, value) => (best && best.generation >= value.generation ? best : value),
    undefined,
  );
}
