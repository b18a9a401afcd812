import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../shared/clock/clock.ts';
import type { Journal } from '../../data/journal/journal.ts';
import { type Fault, type FaultOrder, FaultQueue } from './faults.ts';
import { type GateRules, refusalOf } from './gate.ts';
import { type Admission, RateWindow } from './rate-window.ts';
import type { QuotaRules } from './rules.ts';
import { SpentRefreshTokenError } from './token-error.ts';

/** `GET /_sandbox/stats`, in the words of the wire. `throttled` counts arrivals over the quota, not injected 429s. */
export interface SandboxStats {
  token_requests: number;
  issued: number;
  throttled: number;
  reused_refresh_tokens: number;
  resource_ok: number;
  resource_401: number;
  busiest_window: number;
  /** Requests that were not let in; only where somebody is kept out. Nothing else counts them. */
  blocked?: number;
}

/** Lines of a journal that every sandbox has; what it knows of clients and tokens comes beside them. */
export type TrafficRecord =
  /** A token request arrived; `faulty`: it met the first of the ordered faults. */
  | { readonly type: 'arrived'; readonly atMs: number; readonly faulty: boolean }
  /** A spent refresh token was presented. */
  | { readonly type: 'reused' }
  /** Somebody asked for the protected resource, with a token that was alive or not. */
  | { readonly type: 'resource'; readonly alive: boolean }
  | { readonly type: 'faults'; readonly order: FaultOrder }
  /** A request was not let in. */
  | { readonly type: 'blocked' }
  /** The customer entered the addresses that may come in. */
  | { readonly type: 'addresses'; readonly addresses: readonly string[] };

/** What a sandbox needs of a journal. Open it with `fsync`: a rotation is durable before it is answered. */
export type StateJournal<Change> = Pick<Journal<TrafficRecord | Change>, 'entries' | 'append'>;

/** How a request is received at the token endpoint, before anybody has read its body. */
export interface Arrival extends Admission {
  readonly fault: Fault | undefined;
}

export interface SandboxStateParts<Change> {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Nothing outlives the process without one. */
  readonly journal: StateJournal<Change> | undefined;
  /** For all token requests together. Absent: nothing is ever throttled. */
  readonly quota?: Pick<QuotaRules, 'limit' | 'windowMs' | 'banMs'>;
  /** Of `busiest_window`, where there is no quota. */
  readonly windowMs: number;
  /** Whom it lets in. Absent: everybody. */
  readonly gate?: GateRules;
  /** Takes over a change to clients and tokens; true if it gave out tokens. It decides nothing. */
  apply(change: Change): boolean;
}

/**
 * All that a sandbox knows, grown record by record: the same records give the same state again. A change is stored
 * and only then applied, in one synchronous step; one that could not be stored (the journal throws) has not happened.
 */
export class SandboxState<Change extends { readonly type: string }> {
  readonly #parts: SandboxStateParts<Change>;
  readonly #faults = new FaultQueue();
  readonly #window: RateWindow;
  #addresses: readonly string[] | undefined;
  #blocked = 0;
  readonly #counts: Omit<SandboxStats, 'busiest_window' | 'blocked'> = {
    token_requests: 0,
    issued: 0,
    throttled: 0,
    reused_refresh_tokens: 0,
    resource_ok: 0,
    resource_401: 0,
  };

  /** Replays the journal. */
  constructor(parts: SandboxStateParts<Change>) {
    this.#parts = parts;
    const { limit, windowMs, banMs } = parts.quota ?? { limit: Infinity, windowMs: parts.windowMs };
    this.#window = new RateWindow(limit, windowMs, banMs);
    this.#addresses = parts.gate?.addresses;
    for (const record of parts.journal?.entries ?? []) this.#apply(record);
  }

  /** Counts a token request. Call it when the request arrives, not when it has been read. */
  arrive(): Arrival {
    const { clock, journal } = this.#parts;
    const fault = this.#faults.next();
    const arrived = { type: 'arrived', atMs: clock.nowMs(), faulty: fault !== undefined } as const;
    journal?.append(arrived);
    return { ...this.#countArrival(arrived), fault };
  }

  /** Stores and applies a change. */
  commit(record: TrafficRecord | Change): void {
    this.#parts.journal?.append(record);
    this.#apply(record);
  }

  /** Judges a refresh token; one that was spent before is counted, and its error passed on. */
  judged<Verdict>(judge: () => Verdict): Verdict {
    try {
      return judge();
    } catch (error) {
      if (error instanceof SpentRefreshTokenError) this.commit({ type: 'reused' });
      throw error;
    }
  }

  /** Whether the protected resource opens; counted either way. */
  openResource(alive: boolean): boolean {
    this.commit({ type: 'resource', alive });
    return alive;
  }

  /** Lets the next token requests fail; orders queue up. */
  orderFaults(order: FaultOrder): void {
    this.commit({ type: 'faults', order });
  }

  /** Why a request is not let in, and counts as that alone; undefined: it is. */
  refuseAtGate(request: IncomingMessage): string | undefined {
    const refusal = refusalOf(this.#gate, request);
    if (refusal !== undefined) this.commit({ type: 'blocked' });
    return refusal;
  }

  /** Lets in those addresses alone from now on. */
  enterAddresses(addresses: readonly string[]): void {
    this.commit({ type: 'addresses', addresses });
  }

  get #gate(): GateRules {
    return { userAgent: this.#parts.gate?.userAgent, addresses: this.#addresses };
  }

  stats(): SandboxStats {
    const { userAgent, addresses } = this.#gate;
    const keepsOut = userAgent !== undefined || addresses !== undefined;
    return {
      ...this.#counts,
      busiest_window: this.#window.busiest,
      ...(keepsOut && { blocked: this.#blocked }),
    };
  }

  #apply(record: TrafficRecord | Change): void {
    if (!isTraffic(record)) {
      if (this.#parts.apply(record)) this.#counts.issued += 1;
      return;
    }
    switch (record.type) {
      case 'arrived':
        this.#countArrival(record);
        return;
      case 'reused':
        this.#counts.reused_refresh_tokens += 1;
        return;
      case 'resource':
        this.#counts[record.alive ? 'resource_ok' : 'resource_401'] += 1;
        return;
      case 'faults':
        this.#faults.add(record.order);
        return;
      case 'blocked':
        this.#blocked += 1;
        return;
      case 'addresses':
        this.#addresses = record.addresses;
    }
  }

  #countArrival({ atMs, faulty }: { readonly atMs: number; readonly faulty: boolean }): Admission {
    this.#counts.token_requests += 1;
    if (faulty) this.#faults.use();
    const admission = this.#window.arrive(atMs);
    if (!admission.admitted) this.#counts.throttled += 1;
    return admission;
  }
}

const TRAFFIC: ReadonlySet<string> = new Set<TrafficRecord['type']>([
  'arrived',
  'reused',
  'resource',
  'faults',
  'blocked',
  'addresses',
]);

function isTraffic<Change extends { readonly type: string }>(
  record: TrafficRecord | Change,
): record is TrafficRecord {
  return TRAFFIC.has(record.type);
}
