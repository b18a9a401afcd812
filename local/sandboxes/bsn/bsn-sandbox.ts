import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../shared/clock/clock.ts';
import type { Random } from '../../../shared/random/random.ts';
import type { FaultOrder } from '../provider/faults.ts';
import { fingerprint, issued } from '../provider/fingerprint.ts';
import { type Arrival, SandboxState, type SandboxStats } from '../provider/sandbox-state.ts';
import type { TokenBody } from '../provider/token-route.ts';
import type { BsnLogin, BsnRefresh } from './bsn-form.ts';
import type { BsnChange, BsnJournal } from './bsn-record.ts';
import { type BsnIdentity, BsnSessions } from './bsn-sessions.ts';

/** `GET /bsn/_sandbox/stats`. `busiest_window`: of any minute, at the sandbox's scale. */
export interface BsnStats extends SandboxStats {
  /** Of the pairs in `issued`, those given out to logins. */
  logins: number;
}

/** `expires_in` "may be randomized on each authentication return": between these, in seconds, before the scale. */
const SHORTEST_LIFE_SECONDS = 10 * 60;
const LONGEST_LIFE_SECONDS = 30 * 60;

export interface BsnSandboxParts {
  readonly clock: Clock;
  /** Every lifetime is divided by it. Above 0. */
  readonly scale: number;
  readonly random: Random;
  readonly journal: BsnJournal | undefined;
}

/** The BSN provider without HTTP. Like the BS2 one, it decides, stores and applies in one synchronous step. */
export class BsnSandbox {
  readonly #clock: Clock;
  readonly #scale: number;
  readonly #random: Random;
  readonly #sessions = new BsnSessions();
  readonly #state: SandboxState<BsnChange>;
  #logins = 0;

  constructor({ clock, scale, random, journal }: BsnSandboxParts) {
    this.#clock = clock;
    this.#scale = scale;
    this.#random = random;
    this.#state = new SandboxState({
      clock,
      journal,
      // The document knows no quota: nothing is ever throttled.
      windowMs: 60_000 / scale,
      apply: (change) => this.#apply(change),
    });
  }

  /** Counts a token request. Call it when the request arrives. */
  arrive(): Arrival {
    return this.#state.arrive();
  }

  /** Answers a well-formed request with the JSON of the document. Throws {@link TokenError}. */
  issue(form: BsnLogin | BsnRefresh): TokenBody {
    if (form.grantType === 'password') return this.#answer(this.#sessions.judgeLogin(form));
    const identity = this.#state.judged(() => this.#sessions.judgeRefresh(form));
    return this.#answer(identity, fingerprint(form.refreshToken));
  }

  /** Opens an account, or gives one a new password. */
  setUser(user: { username: string; password: string; networks: readonly string[] }): void {
    this.#state.commit({ type: 'user', ...user, password: fingerprint(user.password) });
  }

  /** Ends all sessions of a user: no refresh token of his is taken any more. */
  revoke(username: string): void {
    this.#state.commit({ type: 'revoked', username });
  }

  /** The document keeps nobody out. */
  refuseAtGate(request: IncomingMessage): string | undefined {
    return this.#state.refuseAtGate(request);
  }

  enterAddresses(addresses: readonly string[]): void {
    this.#state.enterAddresses(addresses);
  }

  openResource(accessToken: string | undefined): boolean {
    const isAlive = accessToken !== undefined && this.#sessions.isAlive(accessToken, this.#clock.nowMs());
    return this.#state.openResource(isAlive);
  }

  orderFaults(order: FaultOrder): void {
    this.#state.orderFaults(order);
  }

  stats(): BsnStats {
    return { ...this.#state.stats(), logins: this.#logins };
  }

  #answer({ username, network }: BsnIdentity, spent?: string): TokenBody {
    const lifeMs = this.#lifeSeconds() * 1000;
    const accessToken = this.#random.id();
    const refreshToken = this.#random.id();
    this.#state.commit({
      type: 'issued',
      by: spent === undefined ? 'login' : 'refresh',
      username,
      ...(network !== undefined && { network }),
      accessToken: issued(accessToken, this.#clock.nowMs() + lifeMs),
      refreshToken: fingerprint(refreshToken),
      ...(spent !== undefined && { spent }),
    });
    return {
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: Math.max(1, Math.floor(lifeMs / 1000)),
      refresh_token: refreshToken,
      scope: network === undefined ? ['Self'] : ['Full', 'Self'],
      userLogin: username,
      userId: 1,
      personId: 1,
      networkNames: this.#sessions.networksOf(username),
    };
  }

  #lifeSeconds(): number {
    const spread = LONGEST_LIFE_SECONDS - SHORTEST_LIFE_SECONDS;
    return (SHORTEST_LIFE_SECONDS + this.#random.fraction() * spread) / this.#scale;
  }

  #apply(change: BsnChange): boolean {
    if (change.type === 'user') this.#sessions.setUser(change);
    else if (change.type === 'revoked') this.#sessions.revoke(change.username);
    else {
      this.#sessions.issue(change);
      if (change.by === 'login') this.#logins += 1;
      return true;
    }
    return false;
  }
}
