import type { Clock } from '../../shared/clock/clock.ts';
import type { Random } from '../../shared/random/random.ts';
import type { Bs2Rules } from './bs2-rules.ts';
import type { Fault, FaultOrder } from './faults.ts';
import { fingerprint, issued } from './fingerprint.ts';
import type { Admission } from './rate-window.ts';
import type { SandboxJournal, SandboxRecord } from './sandbox-record.ts';
import { SandboxState, type SandboxStats } from './sandbox-state.ts';
import { SpentRefreshTokenError } from './token-error.ts';
import type { LoginForm, RefreshForm } from './token-form.ts';

/** How a request is received at the token endpoint, before anybody has read its body. */
export interface Arrival extends Admission {
  readonly fault: Fault | undefined;
}

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
 * The provider without HTTP. Every change is decided, stored and only then applied, in one synchronous
 * step: two requests with one refresh token cannot both find it unspent, and a change that could not be
 * stored (the journal throws) has not happened. A restart replays the journal.
 */
export class Sandbox {
  readonly #clock: Clock;
  readonly #rules: Bs2Rules;
  readonly #random: Pick<Random, 'id'>;
  readonly #journal: SandboxJournal | undefined;
  readonly #state: SandboxState;

  constructor({ clock, rules, random, journal }: SandboxParts) {
    this.#clock = clock;
    this.#rules = rules;
    this.#random = random;
    this.#journal = journal;
    this.#state = new SandboxState(rules);
    for (const record of journal?.entries ?? []) this.#state.apply(record);
  }

  /** Counts a token request. Call it when the request arrives, not when it has been read. */
  arrive(): Arrival {
    const fault = this.#state.faults.next();
    const arrived = { type: 'arrived', atMs: this.#clock.nowMs(), faulty: fault !== undefined } as const;
    this.#journal?.append(arrived);
    return { ...this.#state.arrive(arrived), fault };
  }

  /** Answers a well-formed request; what it replaces is dead when it returns. Throws {@link TokenError}. */
  issue(form: RefreshForm | LoginForm): IssuedPair {
    return form.grantType === 'refresh_token' ? this.#rotate(form) : this.#logIn(form);
  }

  #rotate(form: RefreshForm): IssuedPair {
    const nowMs = this.#clock.nowMs();
    let scope: string;
    try {
      scope = this.#state.grants.judge(form, nowMs);
    } catch (error) {
      if (error instanceof SpentRefreshTokenError) this.#commit({ type: 'reused' });
      throw error;
    }
    const pair = { accessToken: this.#random.id(), refreshToken: this.#random.id(), scope };
    this.#commit({
      type: 'rotated',
      spent: fingerprint(form.refreshToken),
      accessToken: issued(pair.accessToken, nowMs + this.#rules.accessTokenMs),
      refreshToken: issued(pair.refreshToken, nowMs + this.#rules.refreshTokenMs),
    });
    return pair;
  }

  #logIn(form: LoginForm): IssuedPair {
    const nowMs = this.#clock.nowMs();
    const login = this.#state.grants.judgeLogin(form);
    const accessToken = this.#random.id();
    const refreshToken = form.grantType === 'password' ? this.#random.id() : undefined;
    this.#commit({
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
    this.#commit({
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
    this.#commit({
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
    const alive = accessToken !== undefined && this.#state.grants.isAlive(accessToken, this.#clock.nowMs());
    this.#commit({ type: 'resource', alive });
    return alive;
  }

  /** Lets the next token requests fail; orders queue up. */
  orderFaults(order: FaultOrder): void {
    this.#commit({ type: 'faults', order });
  }

  stats(): SandboxStats {
    return this.#state.stats();
  }

  #commit(record: SandboxRecord): void {
    this.#journal?.append(record);
    this.#state.apply(record);
  }
}

interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}
