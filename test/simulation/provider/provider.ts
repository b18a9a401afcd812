import type { Dice } from '../dice.ts';
import type { Faults, ProviderFault, ProviderManners, Span } from '../faults/faults.ts';
import type { Timeline } from '../timeline.ts';
import { Endpoint, type EndpointOptions } from './endpoint.ts';
import { type Exchange, type Grant, type IssuedPair, indexOf, refreshTokenOf } from './issued.ts';
import { cutOff, imperfect, perfect, type StatedLives, type TokenAnswer } from './token-body.ts';
import { BARE_REFUSALS, refusals, withoutToken } from './unhelpful-answers.ts';

const GRACE_MS = 30 * 60_000;
const CONNECTS: Span = { fromMs: 20, toMs: 90 };
const ANSWERS: Span = { fromMs: 20, toMs: 120 };

/** What leaves the provider: an answer, whole or not, or a connection that breaks without one. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly cutOff: boolean;
  /** The pair that it brings. */
  readonly pair?: IssuedPair;
}

/** How long the tokens of a credential live, and what its answers say of that. */
export interface Lives {
  readonly accessMs: number;
  /** Absent: for ever. */
  readonly refreshMs?: number;
  /** Each answer states the life of the refresh token. */
  readonly statesRefresh: boolean;
}

export interface ProviderOptions {
  readonly livesOf: (credential: string) => Lives;
  readonly endpointOf: (tokenUrl: string) => EndpointOptions;
}

/**
 * A provider that rotates as BS2 does, or as its manners say: a new pair kills the old one at once, no more than so
 * many requests in any window of a token URL. It knows nothing of its clients but what they send, and its record is
 * the truth.
 */
export class Provider {
  /** Every pair it issued, by its index. */
  readonly issued: IssuedPair[] = [];
  /** The latest grant of each credential. */
  readonly grants = new Map<string, Grant>();
  requests = 0;
  rotations = 0;
  throttled = 0;
  /** Requests beyond the limit: throttled by the client's own doing. */
  beyondLimit = 0;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #faults: Faults;
  readonly #options: ProviderOptions;

  constructor(timeline: Timeline, dice: Dice, faults: Faults, options: ProviderOptions) {
    this.#timeline = timeline;
    this.#dice = dice.named('answers');
    this.#faults = faults;
    this.#options = options;
  }

  /** The most requests that arrived at one token URL in any window of its length. */
  get busiestWindow(): number {
    return Math.max(0, ...[...this.#endpoints.values()].map(({ arrivals }) => arrivals.busiest));
  }

  /** A person logs in: a new grant and its first refresh token, and, if the person noted it, since when that lives. */
  login(credential: string): {
    readonly grant: Grant;
    readonly refreshToken: string;
    readonly issuedAtMs?: number;
  } {
    const loginAtMs = this.#timeline.nowMs;
    const { seedAge } = this.#manners;
    const { refreshMs = Number.POSITIVE_INFINITY } = this.#options.livesOf(credential);
    const issuedAtMs = seedAge ? loginAtMs - this.#ageOf(seedAge, refreshMs) : loginAtMs;
    const grant = { credential, loginAtMs, revoked: false } as Grant;
    grant.live = this.#issue(grant, { accessMs: 0, refreshEndMs: issuedAtMs + refreshMs });
    this.grants.set(credential, grant);
    // Not everybody notes when a token was made.
    const isKnown = seedAge !== undefined && this.#dice.chance(0.5);
    return { grant, refreshToken: refreshTokenOf(grant.live.index), ...(isKnown && { issuedAtMs }) };
  }

  /** Nobody hands over a refresh token that is dead: one that lives no longer than such ages is half as old at most. */
  #ageOf({ fromMs, toMs }: Span, refreshMs: number): number {
    return this.#dice.between(fromMs, toMs < refreshMs ? toMs : Math.max(fromMs, refreshMs / 2));
  }

  /** How long a connection takes now; undefined: it is refused. Draws the fault that its request will meet. */
  connect(): { readonly ms: number; readonly refused: boolean; readonly fault?: ProviderFault } {
    const fault = this.#faults.atProvider();
    return { ms: this.#between(CONNECTS), refused: fault?.do === 'refuse-connection', fault };
  }

  /** A request has arrived. `reply` is called when the answer leaves, with none when the connection breaks. */
  receive(
    { tokenUrl, refreshToken }: { readonly tokenUrl: string; readonly refreshToken: string },
    exchange: Exchange,
    fault: ProviderFault | undefined,
    reply: (answer: Answer | undefined) => void,
  ): void {
    const { nowMs } = this.#timeline;
    const endpoint = this.#endpoint(tokenUrl);
    this.requests += 1;
    endpoint.arrivals.add(nowMs);
    const later = (ms: number, work: () => void) => this.#timeline.after(ms, work);
    const usualMs = this.#between(this.#manners.answers ?? ANSWERS);
    const { waitMs, isFull } = endpoint.refuses(nowMs, fault);
    if (waitMs !== undefined) {
      this.throttled += 1;
      if (isFull) this.beyondLimit += 1;
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
      later(usualMs, () => reply(whole({ status: 429, headers, body: 'slow down' })));
      return;
    }
    endpoint.accepted.add(nowMs);
    if (fault?.do === 'hang') return;
    const instead = this.#unprocessed(refreshToken, fault);
    if (instead !== undefined) {
      const ms = instead === 'broken' || fault?.do === 'error-before' ? (fault?.ms ?? 0) : usualMs;
      later(ms, () => reply(instead === 'broken' ? undefined : whole(instead)));
      return;
    }
    const processInMs = usualMs + (fault?.do === 'slow-before' ? fault.ms : 0);
    later(processInMs, () => {
      const answer = this.#process(refreshToken, exchange, fault);
      const answerInMs = fault?.do === 'slow-after' ? fault.ms : 0;
      later(answerInMs, () => reply(answer));
    });
  }

  /** How many more requests this token URL would take now. */
  requestsLeft(tokenUrl: string): number {
    const { limit = Number.POSITIVE_INFINITY } = this.#options.endpointOf(tokenUrl);
    return limit - this.#endpoint(tokenUrl).arrivals.count(this.#timeline.nowMs);
  }

  /** True if the protected resource takes the token now. */
  accepts(accessToken: string): boolean {
    const pair = this.issued[indexOf(accessToken)];
    const { nowMs } = this.#timeline;
    return pair !== undefined && nowMs < pair.accessDeadAtMs && nowMs < pair.accessExpiresAtMs;
  }

  /** Somebody uses the token at the protected resource: true if it is taken. */
  use(accessToken: string): boolean {
    const pair = this.issued[indexOf(accessToken)];
    if (!pair || !this.accepts(accessToken)) return false;
    pair.used = true;
    return true;
  }

  /** True if the refresh token of this pair would be taken now. */
  takes(pair: IssuedPair): boolean {
    const { grant } = pair;
    const { nowMs } = this.#timeline;
    if (grant.revoked || nowMs >= pair.refreshExpiresAtMs) return false;
    if (grant.live === pair) return true;
    switch (this.#manners.keepsOld) {
      case 'never':
        return false;
      case 'half-an-hour':
        return pair.replacedAtMs !== undefined && nowMs < pair.replacedAtMs + GRACE_MS;
      case 'until-used':
        return grant.live.parent === pair && !grant.live.used;
    }
  }

  /** Until when a refresh token was taken that is taken no more (epoch ms). */
  takenUntilMs({ replacedAtMs, refreshExpiresAtMs }: IssuedPair): number {
    const graceMs = this.#manners.keepsOld === 'half-an-hour' ? GRACE_MS : 0;
    return Math.min(refreshExpiresAtMs, (replacedAtMs ?? refreshExpiresAtMs) + graceMs);
  }

  /** True while requests are refused because of early ones before them, or by what {@link Faults} says. */
  isAway(): boolean {
    const { nowMs } = this.#timeline;
    return (
      this.#faults.providerIsOut() ||
      [...this.#endpoints.values()].some((each) => nowMs < each.blockedUntilMs)
    );
  }

  /** How long a request is on its way now; undefined: as long as any. */
  arrivalMs(): number | undefined {
    const { arrives } = this.#manners;
    return arrives && this.#between(arrives);
  }

  #between({ fromMs, toMs }: Span): number {
    return this.#dice.between(fromMs, toMs);
  }

  get #manners(): ProviderManners {
    return this.#faults.manners;
  }

  #endpoint(tokenUrl: string): Endpoint {
    const found = this.#endpoints.get(tokenUrl);
    if (found) return found;
    const endpoint = new Endpoint(this.#options.endpointOf(tokenUrl));
    this.#endpoints.set(tokenUrl, endpoint);
    return endpoint;
  }

  /** What a request gets that nobody has looked at; undefined: it is processed. */
  #unprocessed(refreshToken: string, fault: ProviderFault | undefined): TokenAnswer | 'broken' | undefined {
    const index = indexOf(refreshToken);
    switch (fault?.do) {
      case 'reset-before':
        return 'broken';
      case 'error-before':
        return { status: 503, headers: {}, body: '<html>unavailable</html>' };
      case 'bare-4xx':
        return this.#dice.pick(BARE_REFUSALS);
      case 'no-token':
        return this.#dice.pick(withoutToken(index));
      case 'refuse-all':
        return this.#dice.pick(refusals(index));
      case 'refuse-one': {
        const grant = this.issued[index]?.grant;
        if (!grant || grant.wasStray) return undefined;
        grant.wasStray = true;
        return this.#dice.pick(refusals(index));
      }
      default:
        return undefined;
    }
  }

  #process(refreshToken: string, exchange: Exchange, fault: ProviderFault | undefined): Answer | undefined {
    const { nowMs } = this.#timeline;
    const posted = this.issued[indexOf(refreshToken)];
    if (!posted) return whole({ status: 400, headers: {}, body: '{"error":"invalid_grant"}' });
    const { grant } = posted;
    if (!this.takes(posted)) {
      if (grant.live !== posted && this.#manners.detectsReuse) {
        grant.revoked = true;
        grant.live.accessDeadAtMs = Math.min(grant.live.accessDeadAtMs, nowMs);
      }
      grant.refusedAtMs = nowMs;
      const body = '{"error":"invalid_grant","error_description":"unknown or used"}';
      return whole({ status: 400, headers: {}, body });
    }
    const { lives, pair } = this.#rotate(posted, exchange);
    if (fault?.do === 'reset-after') return undefined;
    if (fault?.do === 'error-after')
      return whole({ status: 502, headers: {}, body: '<html>bad gateway</html>' });
    const made =
      fault?.do === 'imperfect' ? imperfect(pair.index, lives, this.#dice) : perfect(pair.index, lives);
    const body = fault?.do === 'cut-off' ? cutOff(made.body, this.#dice) : made.body;
    pair.sentWhole = body.includes(`"${refreshTokenOf(pair.index)}"`);
    return { ...made, body, cutOff: body !== made.body, pair };
  }

  #rotate(
    posted: IssuedPair,
    exchange: Exchange,
  ): { readonly pair: IssuedPair; readonly lives: StatedLives } {
    const { nowMs } = this.#timeline;
    const { grant } = posted;
    const { accessMs, refreshMs, statesRefresh } = this.#livesOf(grant.credential);
    const refreshEndMs = nowMs + (refreshMs ?? Number.POSITIVE_INFINITY);
    const pair = this.#issue(grant, { accessMs, refreshEndMs, exchange, parent: posted });
    this.rotations += 1;
    posted.used = true;
    posted.replacedAtMs ??= nowMs;
    posted.accessDeadAtMs = Math.min(posted.accessDeadAtMs, nowMs);
    grant.live.accessDeadAtMs = Math.min(grant.live.accessDeadAtMs, nowMs);
    grant.live.replacedAtMs ??= nowMs;
    grant.live = pair;
    grant.refusedAtMs = undefined;
    grant.wasStray = undefined;
    const lives = {
      accessSeconds: accessMs / 1000,
      ...(statesRefresh && refreshMs !== undefined && { refreshSeconds: refreshMs / 1000 }),
      change: this.#manners.lives !== undefined,
    };
    return { pair, lives };
  }

  #livesOf(credential: string): Lives {
    const { lives } = this.#manners;
    if (!lives) return this.#options.livesOf(credential);
    return {
      accessMs: this.#secondsOf(lives.access),
      refreshMs: this.#secondsOf(lives.refresh),
      statesRefresh: true,
    };
  }

  /** Lives are stated in whole seconds. */
  #secondsOf({ fromMs, toMs }: Span): number {
    return Math.round(this.#dice.magnitude(fromMs, toMs) / 1000) * 1000;
  }

  #issue(
    grant: Grant,
    made: {
      readonly accessMs: number;
      readonly refreshEndMs: number;
      readonly exchange?: Exchange;
      readonly parent?: IssuedPair;
    },
  ): IssuedPair {
    const { nowMs } = this.#timeline;
    const pair: IssuedPair = {
      index: this.issued.length,
      grant,
      parent: made.parent,
      issuedAtMs: nowMs,
      // A login yields a refresh token only.
      accessExpiresAtMs: nowMs + made.accessMs,
      refreshExpiresAtMs: made.refreshEndMs,
      accessDeadAtMs: Number.POSITIVE_INFINITY,
      used: false,
      exchange: made.exchange,
      sentWhole: false,
    };
    this.issued.push(pair);
    return pair;
  }
}

function whole({ status, headers, body }: TokenAnswer): Answer {
  return { status, headers, body, cutOff: false };
}
