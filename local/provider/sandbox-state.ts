import type { Bs2Rules } from './bs2-rules.ts';
import { FaultQueue } from './faults.ts';
import { Grants } from './grants.ts';
import { type Admission, RateWindow } from './rate-window.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** `GET /_sandbox/stats`, in the words of the wire. `throttled` counts arrivals over the quota, not injected 429s. */
export interface SandboxStats {
  token_requests: number;
  issued: number;
  throttled: number;
  reused_refresh_tokens: number;
  resource_ok: number;
  resource_401: number;
  busiest_window: number;
}

/** All that the sandbox knows, grown record by record: the same records give the same state again. */
export class SandboxState {
  readonly grants = new Grants();
  readonly faults = new FaultQueue();
  readonly #window: RateWindow;
  readonly #counts: Omit<SandboxStats, 'busiest_window'> = {
    token_requests: 0,
    issued: 0,
    throttled: 0,
    reused_refresh_tokens: 0,
    resource_ok: 0,
    resource_401: 0,
  };

  constructor(rules: Bs2Rules) {
    this.#window = new RateWindow(rules.quota, rules.quotaWindowMs);
  }

  stats(): SandboxStats {
    return { ...this.#counts, busiest_window: this.#window.busiest };
  }

  apply(record: SandboxRecord): void {
    switch (record.type) {
      case 'arrived':
        this.arrive(record);
        return;
      case 'reused':
        this.#counts.reused_refresh_tokens += 1;
        return;
      case 'resource':
        this.#counts[record.alive ? 'resource_ok' : 'resource_401'] += 1;
        return;
      case 'faults':
        this.faults.add(record.order);
        return;
      case 'rotated':
      case 'logged-in':
        this.#counts.issued += 1;
        this.grants.apply(record);
        return;
      case 'granted':
      case 'enrolled':
        this.grants.apply(record);
    }
  }

  /** Applies an arrival and says what the quota makes of it. */
  arrive({ atMs, faulty }: { atMs: number; faulty: boolean }): Admission {
    this.#counts.token_requests += 1;
    if (faulty) this.faults.use();
    const admission = this.#window.arrive(atMs);
    if (!admission.admitted) this.#counts.throttled += 1;
    return admission;
  }
}
