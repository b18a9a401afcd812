import type { Timeline } from '../timeline.ts';
import { fault } from './fault-details.ts';
import {
  type CallFault,
  type CallSite,
  type Faults,
  type ProviderFault,
  STRICT,
  type TickFault,
} from './faults.ts';

const HOUR_MS = 3_600_000;

/** What is away, from when on (after the time that counts has begun), and for how long. */
export interface OutageOptions {
  readonly of: 'the provider' | ((site: CallSite) => boolean);
  readonly afterMs: number;
  readonly forMs: number;
}

/** One service is away once, for a known time. Nothing else goes wrong. */
export class WholeOutage implements Faults {
  readonly description: readonly string[];
  readonly manners = STRICT;
  readonly #timeline: Timeline;
  readonly #options: OutageOptions;
  #fromMs = Number.POSITIVE_INFINITY;
  /** How often somebody met it. */
  met = 0;

  constructor(timeline: Timeline, options: OutageOptions) {
    this.#timeline = timeline;
    this.#options = options;
    this.description = [`one service is away for ${options.forMs / HOUR_MS} h`];
  }

  start(): void {
    this.#fromMs = this.#timeline.nowMs + this.#options.afterMs;
  }

  stop(): void {
    this.#fromMs = Number.POSITIVE_INFINITY;
  }

  atCall(site: CallSite): CallFault | undefined {
    const { of } = this.#options;
    if (of === 'the provider' || !of(site) || !this.#isNow()) return undefined;
    this.met += 1;
    return fault('error', 'before');
  }

  atTick(): TickFault {
    return { lost: false, lateMs: 0 };
  }

  atProvider(): ProviderFault | undefined {
    if (!this.providerIsOut()) return undefined;
    this.met += 1;
    return { do: 'refuse-connection', ms: 20 };
  }

  providerIsOut(): boolean {
    return this.#options.of === 'the provider' && this.#isNow();
  }

  containerLifeMs(): number {
    return 2 * HOUR_MS;
  }

  #isNow(): boolean {
    const sinceMs = this.#timeline.nowMs - this.#fromMs;
    return sinceMs >= 0 && sinceMs < this.#options.forMs;
  }
}
