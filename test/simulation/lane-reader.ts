import type { SecretNames } from '../../shared/config/names.ts';
import { laneAt, laneBefore } from '../../shared/vault/lanes.ts';
import type { PublishedValue } from '../../shared/vault/published-value.ts';
import type { Reading, World } from './strategy.ts';

const DAY_MS = 86_400_000;
/** A reader takes a token for expired this much earlier: clocks differ. */
const CLOCK_MARGIN_MS = 2000;
const READ_MS = { from: 4, to: 25 } as const;

/**
 * What a workload does that reads the published secrets itself (docs/protocol.md, "Lanes"): of the lane of
 * this slot and the one before, the higher generation; if that is expired, all lanes.
 */
export class LaneReader {
  readonly #world: World;
  readonly #names: SecretNames;
  readonly #lanes: number;

  constructor(world: World, names: SecretNames, lanes: number) {
    this.#world = world;
    this.#names = names;
    this.#lanes = lanes;
  }

  /** The current token, by the reader's own clock; undefined when every one it finds is expired. */
  async read(credential: string, clock: { nowMs(): number }): Promise<Reading | undefined> {
    const lane = laneAt(clock.nowMs(), this.#lanes, DAY_MS);
    let value = latest(await this.#lanesOf(credential, [lane, laneBefore(lane, this.#lanes)]));
    const isExpired = () => !value || Date.parse(value.expires_at) <= clock.nowMs() + CLOCK_MARGIN_MS;
    if (isExpired()) {
      value = latest(await this.#lanesOf(credential, [...Array(this.#lanes).keys()]));
    }
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
