import type { Clock } from '../../shared/clock/clock.ts';
import type { Random } from '../../shared/random/random.ts';
import type { FaultOrder } from '../provider/faults.ts';
import { fingerprint, issued } from '../provider/fingerprint.ts';
import type { Arrival } from '../provider/sandbox.ts';
import { SpentRefreshTokenError } from '../provider/token-error.ts';
import type { TokenBody } from '../provider/token-route.ts';
import type { BsnLogin, BsnRefresh } from './bsn-form.ts';
import type { BsnJournal, BsnRecord } from './bsn-record.ts';
import type { BsnIdentity } from './bsn-sessions.ts';
import { BsnState, type BsnStats } from './bsn-state.ts';

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
  readonly #journal: BsnJournal | undefined;
  readonly #state: BsnState;

  constructor({ clock, scale, random, journal }: BsnSandboxParts) {
    this.#clock = clock;
    this.#scale = scale;
    this.#random = random;
    this.#journal = journal;
    this.#state = new BsnState(60_000 / scale);
    for (const record of journal?.entries ?? []) this.#state.apply(record);
  }

  /** Counts a token request. Call it when the request arrives. */
  arrive(): Arrival {
    const fault = this.#state.faults.next();
    const arrived = { type: 'arrived', atMs: this.#clock.nowMs(), faulty: fault !== undefined } as const;
    this.#journal?.append(arrived);
    return { ...this.#state.arrive(arrived), fault };
  }

  /** Answers a well-formed request with the JSON of the document. Throws {@link TokenError}. */
  issue(form: BsnLogin | BsnRefresh): TokenBody {
    return form.grantType === 'password'
      ? this.#answer(this.#state.sessions.judgeLogin(form))
      : this.#answer(this.#judgeRefresh(form), fingerprint(form.refreshToken));
  }

  /** Opens an account, or gives one a new password. */
  setUser(user: { username: string; password: string; networks: readonly string[] }): void {
    this.#commit({ type: 'user', ...user, password: fingerprint(user.password) });
  }

  /** Ends all sessions of a user: no refresh token of his is taken any more. */
  revoke(username: string): void {
    this.#commit({ type: 'revoked', username });
  }

  openResource(accessToken: string | undefined): boolean {
    const alive = accessToken !== undefined && this.#state.sessions.isAlive(accessToken, this.#clock.nowMs());
    this.#commit({ type: 'resource', alive });
    return alive;
  }

  orderFaults(order: FaultOrder): void {
    this.#commit({ type: 'faults', order });
  }

  stats(): BsnStats {
    return this.#state.stats();
  }

  #judgeRefresh(form: BsnRefresh): BsnIdentity {
    try {
      return this.#state.sessions.judgeRefresh(form);
    } catch (error) {
      if (error instanceof SpentRefreshTokenError) this.#commit({ type: 'reused' });
      throw error;
    }
  }

  #answer({ username, network }: BsnIdentity, spent?: string): TokenBody {
    const lifeMs = this.#lifeSeconds() * 1000;
    const accessToken = this.#random.id();
    const refreshToken = this.#random.id();
    this.#commit({
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
      networkNames: this.#state.sessions.networksOf(username),
    };
  }

  #lifeSeconds(): number {
    const spread = LONGEST_LIFE_SECONDS - SHORTEST_LIFE_SECONDS;
    return (SHORTEST_LIFE_SECONDS + this.#random.fraction() * spread) / this.#scale;
  }

  #commit(record: BsnRecord): void {
    this.#journal?.append(record);
    this.#state.apply(record);
  }
}
