import type { ProviderFault } from '../faults/faults.ts';
import { RateWindow } from './rate-window.ts';

export interface EndpointOptions {
  /** Absent: any number of requests. */
  readonly limit?: number;
  readonly windowMs: number;
}

/** One token URL of the provider: how many requests arrive there, and how many it lets through. */
export class Endpoint {
  readonly arrivals: RateWindow;
  readonly accepted: RateWindow;
  blockedUntilMs = 0;
  readonly #options: EndpointOptions;
  #blockMs = 0;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.arrivals = new RateWindow(options.windowMs);
    this.accepted = new RateWindow(options.windowMs);
  }

  /** Whether a request is answered 429, with how long to wait, and whether it was one too many. */
  refuses(
    nowMs: number,
    fault: ProviderFault | undefined,
  ): { readonly waitMs?: number; readonly isFull: boolean } {
    const { limit = Number.POSITIVE_INFINITY, windowMs } = this.#options;
    if (this.accepted.count(nowMs) >= limit) return { waitMs: windowMs, isFull: true };
    if (fault?.do === 'throttle') return { waitMs: fault.ms, isFull: false };
    if (fault?.do === 'block') this.#blockMs = fault.ms;
    if (fault?.do !== 'block' && nowMs >= this.blockedUntilMs) return { isFull: false };
    this.blockedUntilMs = nowMs + this.#blockMs;
    return { waitMs: this.#blockMs, isFull: false };
  }
}
