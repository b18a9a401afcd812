import type { Dice } from './dice.ts';
import type { Faults, ProviderFault } from './faults.ts';
import { type Exchange, type Grant, type IssuedPair, indexOf, refreshTokenOf } from './issued.ts';
import { RateWindow } from './rate-window.ts';
import type { Timeline } from './timeline.ts';
import { cutOff, imperfect, perfect } from './token-body.ts';

/** What leaves the provider: an answer, whole or not, or a connection that breaks without one. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly cutOff: boolean;
  /** The pair that it brings. */
  readonly pair?: IssuedPair;
}

export interface ProviderOptions {
  readonly accessLifeMs: number;
  readonly refreshLifeMs: number;
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * A provider that rotates as BS2 does: a new pair kills the old one at once, no more than `limit` requests in
 * any window, 48 hours. It knows nothing of its clients but what they send, and its record is the truth.
 */
export class Provider {
  /** Every pair it issued, by its index. */
  readonly issued: IssuedPair[] = [];
  /** The latest grant of each credential. */
  readonly grants = new Map<string, Grant>();
  readonly arrivals: RateWindow;
  requests = 0;
  rotations = 0;
  throttled = 0;
  /** Requests beyond the limit: throttled by the client's own doing. */
  beyondLimit = 0;
  readonly #accepted: RateWindow;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #faults: Faults;
  readonly #options: ProviderOptions;

  constructor(timeline: Timeline, dice: Dice, faults: Faults, options: ProviderOptions) {
    this.#timeline = timeline;
    this.#dice = dice.named('answers');
    this.#faults = faults;
    this.#options = options;
    this.arrivals = new RateWindow(options.windowMs);
    this.#accepted = new RateWindow(options.windowMs);
  }

  /** A person logs in: a new grant and its first refresh token. */
  login(credential: string): { readonly grant: Grant; readonly refreshToken: string } {
    const loginAtMs = this.#timeline.nowMs;
    const grant = { credential, loginAtMs, revoked: false } as Grant;
    grant.live = this.#issue(grant);
    this.grants.set(credential, grant);
    return { grant, refreshToken: refreshTokenOf(grant.live.index) };
  }

  /** How long a connection takes now; undefined: it is refused. Draws the fault that its request will meet. */
  connect(): { readonly ms: number; readonly refused: boolean; readonly fault?: ProviderFault } {
    const fault = this.#faults.atProvider();
    return { ms: this.#dice.between(20, 90), refused: fault?.do === 'refuse-connection', fault };
  }

  /** A request has arrived. `reply` is called when the answer leaves, with none when the connection breaks. */
  receive(
    refreshToken: string,
    exchange: Exchange,
    fault: ProviderFault | undefined,
    reply: (answer: Answer | undefined) => void,
  ): void {
    const { nowMs } = this.#timeline;
    this.requests += 1;
    this.arrivals.add(nowMs);
    const later = (ms: number, work: () => void) => this.#timeline.after(ms, work);
    const usualMs = this.#dice.between(20, 120);
    const isFull = this.#accepted.count(nowMs) >= this.#options.limit;
    if (isFull || fault?.do === 'throttle') {
      this.throttled += 1;
      if (isFull) this.beyondLimit += 1;
      const seconds = Math.ceil((isFull ? this.#options.windowMs : (fault?.ms ?? 0)) / 1000);
      later(usualMs, () => reply(failure(429, 'slow down', { 'retry-after': String(seconds) })));
      return;
    }
    this.#accepted.add(nowMs);
    switch (fault?.do) {
      case 'hang':
        return;
      case 'reset-before':
        return void later(fault.ms, () => reply(undefined));
      case 'error-before':
        return void later(fault.ms, () => reply(failure(503, '<html>unavailable</html>')));
      case 'forbid':
        return void later(usualMs, () => reply(failure(403, '<html>forbidden</html>')));
    }
    const processInMs = usualMs + (fault?.do === 'slow-before' ? fault.ms : 0);
    later(processInMs, () => {
      const answer = this.#process(refreshToken, exchange, fault);
      const answerInMs = fault?.do === 'slow-after' ? fault.ms : 0;
      later(answerInMs, () => reply(answer));
    });
  }

  /** True if the protected resource takes the token now. */
  accepts(accessToken: string): boolean {
    const pair = this.issued[indexOf(accessToken)];
    const { nowMs } = this.#timeline;
    return pair !== undefined && nowMs < pair.accessDeadAtMs && nowMs < pair.accessExpiresAtMs;
  }

  #process(refreshToken: string, exchange: Exchange, fault: ProviderFault | undefined): Answer | undefined {
    const { nowMs } = this.#timeline;
    const posted = this.issued[indexOf(refreshToken)];
    if (!posted) return failure(400, '{"error":"invalid_grant"}');
    const { grant } = posted;
    if (grant.revoked || grant.live !== posted || nowMs >= posted.refreshExpiresAtMs) {
      if (grant.live !== posted && this.#faults.detectsReuse) {
        grant.revoked = true;
        grant.live.accessDeadAtMs = Math.min(grant.live.accessDeadAtMs, nowMs);
      }
      grant.refusedAtMs = nowMs;
      return failure(400, '{"error":"invalid_grant","error_description":"unknown or used"}');
    }
    const pair = this.#issue(grant, exchange);
    this.rotations += 1;
    posted.accessDeadAtMs = nowMs;
    grant.live = pair;
    grant.refusedAtMs = undefined;
    if (fault?.do === 'reset-after') return undefined;
    if (fault?.do === 'error-after') return failure(502, '<html>bad gateway</html>');
    const lifeSeconds = this.#options.accessLifeMs / 1000;
    const whole =
      fault?.do === 'imperfect'
        ? imperfect(pair.index, lifeSeconds, this.#dice)
        : perfect(pair.index, lifeSeconds);
    const body = fault?.do === 'cut-off' ? cutOff(whole.body, this.#dice) : whole.body;
    pair.sentWhole = body.includes(`"${refreshTokenOf(pair.index)}"`);
    return { ...whole, body, cutOff: body !== whole.body, pair };
  }

  #issue(grant: Grant, exchange?: Exchange): IssuedPair {
    const { nowMs } = this.#timeline;
    const pair: IssuedPair = {
      index: this.issued.length,
      grant,
      issuedAtMs: nowMs,
      // A login yields a refresh token only.
      accessExpiresAtMs: exchange ? nowMs + this.#options.accessLifeMs : nowMs,
      refreshExpiresAtMs: nowMs + this.#options.refreshLifeMs,
      accessDeadAtMs: Number.POSITIVE_INFINITY,
      exchange,
      sentWhole: false,
    };
    this.issued.push(pair);
    return pair;
  }
}

function failure(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body, cutOff: false };
}
