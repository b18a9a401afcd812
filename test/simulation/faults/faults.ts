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

/**
 * What goes wrong with one request at the provider.
 *
 * - `throttle`: 429 with `Retry-After`. `block`: the same, and every request before its end begins it anew.
 * - `no-token`: a 2xx without a token. `bare-4xx`: a 4xx without an OAuth code. Neither has looked at the request.
 * - `refuse-one`, `refuse-all`: `invalid_grant` for a refresh token that is good. The first never meets a grant twice
 *   in a row: who is refused twice has been refused.
 */
export interface ProviderFault {
  readonly do:
    | 'refuse-connection'
    | 'hang'
    | 'reset-before'
    | 'reset-after'
    | 'error-before'
    | 'error-after'
    | 'throttle'
    | 'block'
    | 'no-token'
    | 'refuse-one'
    | 'refuse-all'
    | 'bare-4xx'
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

/** How the provider of a run treats tokens, all the time. */
export interface ProviderManners {
  /** It takes the second use of a refresh token for theft and revokes the grant (RFC 9700 §4.14.2). */
  readonly detectsReuse: boolean;
  /**
   * How long a refresh token is good that has been replaced: not at all, for half an hour (Xero), or until its
   * successor is first used.
   */
  readonly keepsOld: 'never' | 'half-an-hour' | 'until-used';
  /** Each answer states other lives, between these, instead of the same ones. */
  readonly lives?: { readonly access: Span; readonly refresh: Span };
  /** The refresh token of a login is as old as this when it is handed over; absent: new. */
  readonly seedAge?: Span;
  /** A request takes so long to arrive, and so long to be answered then; absent: some hundredths of a second. */
  readonly arrives?: Span;
  readonly answers?: Span;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A new pair kills the old one, lives are always the same, and reuse is theft. */
export const STRICT: ProviderManners = { detectsReuse: true, keepsOld: 'never' };

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
  readonly manners: ProviderManners;
}

const HOUR_MS = 3_600_000;

/** Nothing goes wrong. */
export const noFaults: Faults = {
  description: ['none'],
  manners: STRICT,
  start: () => undefined,
  stop: () => undefined,
  atCall: () => undefined,
  atTick: () => ({ lost: false, lateMs: 0 }),
  atProvider: () => undefined,
  providerIsOut: () => false,
  containerLifeMs: () => 2 * HOUR_MS,
};
