/** Where a container waits for the world. */
export interface CallSite {
  readonly port: 'ledger' | 'quota' | 'vault' | 'events' | 'invoke' | 'token' | 'clock';
  readonly operation: string;
}

/**
 * What happens at one call of a container.
 *
 * - `crash`: the process dies, before the request is sent or after its effect, before it sees the answer.
 * - `freeze`: the process stands still for `ms`, or until its function's time-out kills it.
 * - `error`: the store refuses (`before`), or its answer is lost (`after`).
 * - `slow`: the request takes `ms` longer. `twice`: the client sends it again, and it lands twice.
 * - `late`: the client gives up, and the request lands `ms` after that.
 */
export interface CallFault {
  readonly do: 'crash' | 'freeze' | 'error' | 'slow' | 'twice' | 'late';
  readonly point: 'before' | 'after';
  readonly ms: number;
}

/** What goes wrong with one request at the provider. */
export interface ProviderFault {
  readonly do:
    | 'refuse-connection'
    | 'hang'
    | 'reset-before'
    | 'reset-after'
    | 'error-before'
    | 'error-after'
    | 'throttle'
    | 'forbid'
    | 'slow-before'
    | 'slow-after'
    | 'cut-off'
    | 'imperfect';
  readonly ms: number;
}

/** How the schedule delivers one tick. */
export interface TickFault {
  readonly lost: boolean;
  readonly lateMs: number;
  /** A second delivery, this long after the first. */
  readonly againAfterMs?: number;
}

/** Decides what goes wrong. Asked once at each point where something can. */
export interface Faults {
  /** One line for each kind and its rate. */
  readonly description: readonly string[];
  /** Before this nothing goes wrong, and after {@link Faults.stop} neither. */
  start(): void;
  stop(): void;
  atCall(site: CallSite): CallFault | undefined;
  atTick(): TickFault;
  atProvider(): ProviderFault | undefined;
  /** True while the provider is away for longer than a request: no fault of ours. */
  providerIsOut(): boolean;
  /** How long a container is kept warm. */
  containerLifeMs(): number;
  /** The provider takes the second use of a refresh token for theft and revokes the grant (RFC 9700 §4.14.2). */
  readonly detectsReuse: boolean;
}

const HOUR_MS = 3_600_000;

/** Nothing goes wrong. */
export const noFaults: Faults = {
  description: ['none'],
  detectsReuse: true,
  start: () => undefined,
  stop: () => undefined,
  atCall: () => undefined,
  atTick: () => ({ lost: false, lateMs: 0 }),
  atProvider: () => undefined,
  providerIsOut: () => false,
  containerLifeMs: () => 2 * HOUR_MS,
};
