import type { Clock } from '../../../shared/clock/clock.ts';
import type { Random } from '../../../shared/random/random.ts';
import type { Bs2Rules } from '../bs2/bs2-rules.ts';
import type { FaultOrder } from './faults.ts';
import { fingerprint, issued } from './fingerprint.ts';
import { Grants } from './grants.ts';
import type { GrantChange, SandboxJournal } from './sandbox-record.ts';
import { type Arrival, SandboxState, type SandboxStats } from './sandbox-state.ts';
import type { LoginForm, RefreshForm } from './token-form.ts';

/** A token pair in clear: on its way to the client, and kept nowhere. */
export interface IssuedPair {
  readonly accessToken: string;
  /** Absent for a client that logs in by itself. */
  readonly refreshToken?: string;
  readonly scope: string;
}

export interface SandboxParts {
  readonly clock: Clock;
  readonly rules: Bs2Rules;
  /** Where tokens come from. */
  readonly random: Pick<Random, 'id'>;
  /** Nothing outlives the process without one. */
  readonly journal: SandboxJournal | undefined;
}

/**
 * The provider without HTTP. Every change is decided, stored and only then applied, in one synchronous step: two
 * requests with one refresh token cannot both find it unspent. A restart replays the journal.
 */
export class Sandbox {
  readonly #clock: Clock;
  readonly #rules: Bs2Rules;
  readonly #random: Pick<Random, 'id'>;
  readonly #grants = new Grants();
  readonly #state: SandboxState<GrantChange>;

  constructor({ clock, rules, random, journal }: SandboxParts) {
    this.#clock = clock;
    this.#rules = rules;
    this.#random = random;
    const { quota, quotaWindowMs } = rules;
    const apply = (change: GrantChange) => {
      this.#grants.apply(change);
      return change.type === 'rotated' || change.type === 'logged-in';
    };
    this.#state = new SandboxState({ clock, journal, quota, quotaWindowMs, apply });
  }

  /** Counts a token request. Call it when the request arrives, not when it has been read. */
  arrive(): Arrival {
    return this.#state.arrive();
  }

  /** Answers a well-formed request; what it replaces is dead when it returns. Throws {@link TokenError}. */
  issue(form: RefreshForm | LoginForm): IssuedPair {
    return form.grantType === 'refresh_token' ? this.#rotate(form) : this.#logIn(form);
  }

  #rotate(form: RefreshForm): IssuedPair {
    const nowMs = this.#clock.nowMs();
    const scope = this.#state.judged(() => this.#grants.judge(form, nowMs));
    const pair = { accessToken: this.#random.id(), refreshToken: this.#random.id(), scope };
    this.#state.commit({
      type: 'rotated',
      spent: fingerprint(form.refreshToken),
      accessToken: issued(pair.accessToken, nowMs + this.#rules.accessTokenMs),
      refreshToken: issued(pair.refreshToken, nowMs + this.#rules.refreshTokenMs),
    });
    return pair;
  }

  #logIn(form: LoginForm): IssuedPair {
    const nowMs = this.#clock.nowMs();
    const login = this.#grants.judgeLogin(form);
    const accessToken = this.#random.id();
    const refreshToken = form.grantType === 'password' ? this.#random.id() : undefined;
    this.#state.commit({
      type: 'logged-in',
      ...login,
      accessToken: issued(accessToken, nowMs + this.#rules.accessTokenMs),
      ...(refreshToken && { refreshToken: issued(refreshToken, nowMs + this.#rules.refreshTokenMs) }),
    });
    return { accessToken, refreshToken, scope: login.scope };
  }

  /** Registers a client that logs in by itself, or a user of it. */
  enrol(login: Client & { readonly user?: { readonly username: string; readonly password: string } }): void {
    const { user } = login;
    this.#state.commit({
      type: 'enrolled',
      client: fingerprint(login.clientId),
      clientSecret: fingerprint(login.clientSecret),
      scope: login.scope,
      ...(user && { user: { username: fingerprint(user.username), password: fingerprint(user.password) } }),
    });
  }

  /** Registers a client and starts a grant, as a person does in BS2 Empresas; returns its first refresh token. */
  grant(client: Client): string {
    const refreshToken = this.#random.id();
    this.#state.commit({
      type: 'granted',
      client: fingerprint(client.clientId),
      clientSecret: fingerprint(client.clientSecret),
      scope: client.scope,
      refreshToken: issued(refreshToken, this.#clock.nowMs() + this.#rules.refreshTokenMs),
    });
    return refreshToken;
  }

  /** Whether the protected resource opens; counted either way. No token is as good as a dead one. */
  openResource(accessToken: string | undefined): boolean {
    const isAlive = accessToken !== undefined && this.#grants.isAlive(accessToken, this.#clock.nowMs());
    return this.#state.openResource(isAlive);
  }

  /** Lets the next token requests fail; orders queue up. */
  orderFaults(order: FaultOrder): void {
    this.#state.orderFaults(order);
  }

  stats(): SandboxStats {
    return this.#state.stats();
  }
}

interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}
