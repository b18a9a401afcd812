import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lanesDoor } from '../../../client/lanes-door.ts';
import { laneAt, laneCount } from '../../../shared/vault/lanes.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LOOK_EVERY_MS = 5 * 60_000;
const START_MS = Date.UTC(2026, 0, 1) + 7 * HOUR_MS;

describe('five days of reading published secrets, once in five minutes', () => {
  for (const registeredMinutes of [5, 15, 60, 24 * 60]) {
    for (const lifeHours of [1, 6, 12, 24, 36]) {
      it(`gives no replaced token: lanes for ${registeredMinutes} min, tokens of ${lifeHours} h`, async () => {
        const world = new PublishedDays(laneCount(registeredMinutes * 60_000, DAY_MS), lifeHours * HOUR_MS);
        const replaced = await world.readFor(5 * DAY_MS);
        assert.deepEqual(replaced, []);
      });
    }
  }
});

/** A publisher that replaces the token at half of its life, and a reader who has been there all the time. */
class PublishedDays {
  readonly #lanes: number;
  readonly #lifeMs: number;
  readonly #secrets = new Map<number, string>();
  #nowMs = START_MS;
  #generation = 0;
  readonly #door = lanesDoor({
    credential: 'acme',
    env: 'prd',
    nowMs: () => this.#nowMs,
    readSecret: async (name) => this.#secrets.get(Number(name.split('/').at(-1))),
  });

  constructor(lanes: number, lifeMs: number) {
    this.#lanes = lanes;
    this.#lifeMs = lifeMs;
    const never = new Date(0).toISOString();
    const times = { issued_at: never, expires_at: never, refresh_after: never };
    for (let lane = 0; lane < lanes; lane += 1) {
      this.#secrets.set(lane, JSON.stringify({ access_token: '', generation: 0, lanes, ...times }));
    }
  }

  /** The reads that gave another generation than the current one, as hours since the beginning. */
  async readFor(durationMs: number): Promise<number[]> {
    const replaced: number[] = [];
    let refreshAtMs = this.#nowMs;
    for (const untilMs = this.#nowMs + durationMs; this.#nowMs < untilMs; this.#nowMs += LOOK_EVERY_MS) {
      if (this.#nowMs >= refreshAtMs) {
        this.#publish();
        refreshAtMs = this.#nowMs + this.#lifeMs / 2;
      }
      const { generation } = await this.#door.ask({});
      if (generation !== this.#generation) replaced.push((this.#nowMs - START_MS) / HOUR_MS);
    }
    return replaced;
  }

  #publish(): void {
    this.#generation += 1;
    const at = (ms: number) => new Date(this.#nowMs + ms).toISOString();
    const value = {
      access_token: `fake-access-${this.#generation}`,
      generation: this.#generation,
      lanes: this.#lanes,
      chain: 'fake-chain',
      issued_at: at(0),
      refresh_after: at(this.#lifeMs / 2),
      expires_at: at(this.#lifeMs),
    };
    this.#secrets.set(laneAt(this.#nowMs, this.#lanes, DAY_MS), JSON.stringify(value));
  }
}
