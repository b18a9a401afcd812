import type { Dice } from '../dice.ts';

/** How often a service is away, and for how long. */
export interface OutagePlan {
  readonly everyMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** For so long after one the next does not begin: two that adjoin would be one that is longer. */
  readonly restMs?: number;
}

/** The part of the outages that are long ones. */
export interface LongOutages extends Pick<OutagePlan, 'fromMs' | 'toMs'> {
  readonly chance: number;
}

/** Times in which a service is away. Some of them (`long`) last much longer than the others. */
export class Outages {
  readonly #dice: Dice;
  readonly #plan: OutagePlan;
  readonly #long: LongOutages | undefined;
  #fromMs = Number.POSITIVE_INFINITY;
  #untilMs = Number.POSITIVE_INFINITY;

  constructor(dice: Dice, plan: OutagePlan, long?: LongOutages) {
    this.#dice = dice;
    this.#plan = plan;
    this.#long = long;
  }

  /** No time is away any more. */
  end(): void {
    this.#fromMs = Number.POSITIVE_INFINITY;
    this.#untilMs = Number.POSITIVE_INFINITY;
  }

  plan(nowMs: number): void {
    const lasting = this.#long && this.#dice.chance(this.#long.chance) ? this.#long : this.#plan;
    this.#fromMs = nowMs + (this.#plan.restMs ?? 0) + this.#dice.waiting(this.#plan.everyMs);
    this.#untilMs = this.#fromMs + this.#dice.magnitude(lasting.fromMs, lasting.toMs);
  }

  /** True if it is away now, or will be within `aheadMs`. */
  isOutWithin(nowMs: number, aheadMs: number): boolean {
    return this.isOut(nowMs) || (nowMs + aheadMs >= this.#fromMs && nowMs < this.#untilMs);
  }

  isOut(nowMs: number): boolean {
    if (nowMs >= this.#untilMs) this.plan(this.#untilMs);
    return nowMs >= this.#fromMs && nowMs < this.#untilMs;
  }
}
