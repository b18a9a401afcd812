import { FaultQueue } from '../provider/faults.ts';
import { type Admission, RateWindow } from '../provider/rate-window.ts';
import type { BsnRecord } from './bsn-record.ts';
import { BsnSessions } from './bsn-sessions.ts';

/** `GET /bsn/_sandbox/stats`. The document knows no quota, so nothing is ever throttled. */
export interface BsnStats {
  token_requests: number;
  /** Pairs given out, to logins and to refreshes. */
  issued: number;
  logins: number;
  throttled: number;
  reused_refresh_tokens: number;
  resource_ok: number;
  resource_401: number;
  /** Most arrivals in any minute (of the sandbox's scale). */
  busiest_window: number;
}

/** All that the sandbox knows, grown record by record. */
export class BsnState {
  readonly sessions = new BsnSessions();
  readonly faults = new FaultQueue();
  readonly #window: RateWindow;
  readonly #counts = {
    token_requests: 0,
    issued: 0,
    logins: 0,
    throttled: 0,
    reused_refresh_tokens: 0,
    resource_ok: 0,
    resource_401: 0,
  };

  constructor(minuteMs: number) {
    this.#window = new RateWindow(Number.POSITIVE_INFINITY, minuteMs);
  }

  stats(): BsnStats {
    return { ...this.#counts, busiest_window: this.#window.busiest };
  }

  apply(record: BsnRecord): void {
    switch (record.type) {
      case 'arrived':
        this.arrive(record);
        return;
      case 'user':
        this.sessions.setUser(record);
        return;
      case 'issued':
        this.#counts.issued += 1;
        if (record.by === 'login') this.#counts.logins += 1;
        this.sessions.issue(record);
        return;
      case 'revoked':
        this.sessions.revoke(record.username);
        return;
      case 'reused':
        this.#counts.reused_refresh_tokens += 1;
        return;
      case 'resource':
        this.#counts[record.alive ? 'resource_ok' : 'resource_401'] += 1;
        return;
      case 'faults':
        this.faults.add(record.order);
    }
  }

  /** Applies an arrival. */
  arrive({ atMs, faulty }: { atMs: number; faulty: boolean }): Admission {
    this.#counts.token_requests += 1;
    if (faulty) this.faults.use();
    return this.#window.arrive(atMs);
  }
}
