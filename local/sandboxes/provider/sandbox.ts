import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../shared/clock/clock.ts';
import type { Random } from '../../../shared/random/random.ts';
import { type DeviceAsked, plainUserCode } from './devices.ts';
import type { FaultOrder } from './faults.ts';
import { type Fingerprint, fingerprint, issued } from './fingerprint.ts';
import type { GateRules } from './gate.ts';
import { Grants } from './grants.ts';
import type { GrantsChange } from './grants-change.ts';
import type { ProviderRules } from './rules.ts';
import type { SandboxJournal } from './sandbox-record.ts';
import { type Arrival, SandboxState, type SandboxStats } from './sandbox-state.ts';
import { TokenError } from './token-error.ts';
import type { ClientForm, LoginForm, RefreshForm } from './token-form.ts';

/** A token pair in clear: on its way to the client, and kept nowhere. */
export interface IssuedPair {
  readonly accessToken: string;
  /** Absent for a client that logs in by itself, and where a refresh token stays. */
  readonly refreshToken?: string;
  /** When the refresh token ends (Unix ms); Infinity: never. Absent without one. */
  readonly refreshTokenEndMs?: number;
  readonly scope: string;
}

export interface SandboxParts {
  readonly clock: Clock;
  readonly rules: ProviderRules;
  readonly gate?: GateRules;
  /** Where tokens come from. */
  readonly random: Pick<Random, 'id'>;
  /** Nothing outlives the process without one. */
  readonly journal: SandboxJournal | undefined;
}

/** A client as its owner registers it, in clear. */
export interface ClientInput {
  readonly clientId: string;
  /** Absent: a public client. */
  readonly clientSecret?: string;
  readonly scope: string;
}

/** What a person allowed in the browser. */
export interface Authorization {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** Of PKCE, by `S256`. */
  readonly challenge?: string;
}

/** What a device is given to begin with (RFC 8628 §3.2), in clear. */
export interface DeviceCodes {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** Without a quota, `busiest_window` is of any minute. */
const WINDOW_MS = 60_000;
/** RFC 6749 §4.1.2 recommends ten minutes at most; real ones give one to ten. */
const CODE_LIFE_MS = 60_000;
const DEVICE_CODE_LIFE_MS = 600_000;
const DEVICE_INTERVAL_SECONDS = 5;

/**
 * The provider without HTTP. Every change is decided, stored and only then applied, in one synchronous step: two
 * requests with one refresh token cannot both find it unspent. A restart replays the journal.
 */
export class Sandbox {
  readonly #clock: Clock;
  readonly #rules: ProviderRules;
  readonly #random: Pick<Random, 'id'>;
  readonly #grants: Grants;
  readonly #state: SandboxState<GrantsChange>;

  constructor({ clock, rules, gate, random, journal }: SandboxParts) {
    this.#clock = clock;
    this.#rules = rules;
    this.#random = random;
    this.#grants = new Grants(rules);
    const apply = (change: GrantsChange) => {
      this.#grants.apply(change);
      return change.type === 'rotated' || change.type === 'logged-in';
    };
    const quota = rules.quota?.per === 'provider' ? rules.quota : undefined;
    this.#state = new SandboxState({ clock, journal, quota, windowMs: WINDOW_MS, gate, apply });
  }

  /** Why a request is not let in; undefined: it is. */
  refuseAtGate(request: IncomingMessage): string | undefined {
    return this.#state.refuseAtGate(request);
  }

  /** Lets in those addresses and networks alone from now on. */
  enterAddresses(addresses: readonly string[]): void {
    this.#state.enterAddresses(addresses);
  }

  /** Counts a token request. Call it when the request arrives, not when it has been read. */
  arrive(): Arrival {
    return this.#state.arrive();
  }

  /**
   * Answers a well-formed request; what it replaces is dead when it returns. Throws {@link TokenError}, and
   * {@link TooManyTokensError} where each grant has a quota of its own.
   */
  issue(form: RefreshForm | LoginForm): IssuedPair {
    return form.grantType === 'refresh_token' ? this.#rotate(form) : this.#logIn(form);
  }

  #rotate(form: RefreshForm): IssuedPair {
    const nowMs = this.#clock.nowMs();
    const verdict = this.#state.judged(() => this.#grants.judge(form, nowMs));
    const rotates = this.#rules.refreshToken.rotation !== 'none';
    const accessToken = this.#random.id();
    const next = rotates ? this.#random.id() : form.refreshToken;
    const refreshTokenEndMs = this.#grants.refreshTokenEndMs(verdict, nowMs);
    this.#state.commit({
      type: 'rotated',
      atMs: nowMs,
      spent: fingerprint(form.refreshToken),
      accessToken: issued(accessToken, nowMs + this.#rules.accessToken.lifeMs),
      refreshToken: issued(next, refreshTokenEndMs),
    });
    return {
      accessToken,
      scope: verdict.scope,
      refreshTokenEndMs,
      ...(rotates && { refreshToken: next }),
    };
  }

  #logIn(form: LoginForm): IssuedPair {
    const nowMs = this.#clock.nowMs();
    const login = this.#judgedLogin(form, nowMs);
    const by = form.grantType;
    const accessToken = this.#random.id();
    const refreshToken = by === 'client_credentials' ? undefined : this.#random.id();
    const refreshTokenEndMs = this.#grants.refreshTokenEndMs({ by, loginMs: nowMs }, nowMs);
    this.#state.commit({
      type: 'logged-in',
      atMs: nowMs,
      by,
      ...login,
      accessToken: issued(accessToken, nowMs + this.#rules.accessToken.lifeMs),
      ...(refreshToken && { refreshToken: issued(refreshToken, refreshTokenEndMs) }),
    });
    return {
      accessToken,
      scope: login.scope,
      ...(refreshToken && { refreshToken, refreshTokenEndMs }),
    };
  }

  /** A code that comes twice may have been stolen: what it brought ends (RFC 6749 §4.1.2). */
  #judgedLogin(form: LoginForm, nowMs: number) {
    try {
      return this.#grants.judgeLogin(form, nowMs);
    } catch (error) {
      const isRefusedGrant = error instanceof TokenError && error.code === 'invalid_grant';
      const login = isRefusedGrant ? this.#grants.loginOfSpentCode(form) : undefined;
      if (login !== undefined) this.#state.commit({ type: 'revoked', login });
      throw error;
    }
  }

  /** Registers a client that logs in by itself, or a user of it. */
  enrol(
    login: ClientInput & { readonly user?: { readonly username: string; readonly password: string } },
  ): void {
    const { user } = login;
    this.#state.commit({
      type: 'enrolled',
      atMs: this.#clock.nowMs(),
      ...fingerprints(login),
      ...(user && { user: { username: fingerprint(user.username), password: fingerprint(user.password) } }),
    });
  }

  /** Registers a client and starts a grant, as a person does in BS2 Empresas; returns its first refresh token. */
  grant(client: ClientInput): string {
    return this.#grant(fingerprints(client));
  }

  #grant(client: ReturnType<typeof fingerprints>): string {
    const refreshToken = this.#random.id();
    const nowMs = this.#clock.nowMs();
    const endMs = this.#grants.refreshTokenEndMs({ by: 'refresh_token', loginMs: nowMs }, nowMs);
    this.#state.commit({
      type: 'granted',
      atMs: nowMs,
      ...client,
      refreshToken: issued(refreshToken, endMs),
    });
    return refreshToken;
  }

  /** A person generates another refresh token for a client that is registered; undefined if it is not. */
  grantAgain(clientId: string): string | undefined {
    const known = this.#grants.findClient(clientId);
    if (!known) return undefined;
    const { client, clientSecret, scope } = known;
    return this.#grant({ client, ...(clientSecret !== undefined && { clientSecret }), scope });
  }

  /** Registers a client that persons log in to. */
  registerClient(client: ClientInput): void {
    this.#state.commit({ type: 'client', atMs: this.#clock.nowMs(), ...fingerprints(client) });
  }

  /** The client of that id, as far as an authorization asks: its scope, and whether it must use PKCE. */
  clientForLogin(clientId: string): { readonly scope: string; readonly isPublic: boolean } | undefined {
    const found = this.#grants.findClient(clientId);
    return found && { scope: found.scope, isPublic: found.clientSecret === undefined };
  }

  /** A person allows a client to act for them; returns the code to exchange. */
  authorize({ clientId, redirectUri, scope, challenge }: Authorization): string {
    const code = this.#random.id();
    this.#state.commit({
      type: 'code-issued',
      code: issued(code, this.#clock.nowMs() + CODE_LIFE_MS),
      client: fingerprint(clientId),
      scope,
      redirectUri: fingerprint(redirectUri),
      ...(challenge !== undefined && { challenge }),
    });
    return code;
  }

  /** A device asks to be let in; a person with the user code decides. Throws {@link TokenError}. */
  askForDevice(form: ClientForm): DeviceCodes {
    const nowMs = this.#clock.nowMs();
    const asked = this.#grants.judgeDevice(form, nowMs);
    const deviceCode = this.#random.id();
    const userCode = userCodeOf(this.#random.id());
    this.#state.commit({
      type: 'device-asked',
      device: issued(deviceCode, nowMs + DEVICE_CODE_LIFE_MS),
      userCode: fingerprint(plainUserCode(userCode)),
      ...asked,
    });
    const { deviceIntervalMs = DEVICE_INTERVAL_SECONDS * 1000 } = this.#rules;
    return {
      deviceCode,
      userCode,
      expiresInSeconds: DEVICE_CODE_LIFE_MS / 1000,
      intervalSeconds: Math.max(1, Math.ceil(deviceIntervalMs / 1000)),
    };
  }

  /** The device that waits for the person with this code; undefined: none does. */
  waitingDevice(userCode: string): Pick<DeviceAsked, 'scope'> | undefined {
    return this.#grants.waitingDevice(userCode, this.#clock.nowMs());
  }

  /** A person lets a device in, or does not; false if none waits for this code. */
  decideDevice(userCode: string, allowed: boolean): boolean {
    const waiting = this.#grants.waitingDevice(userCode, this.#clock.nowMs());
    if (waiting) this.#state.commit({ type: 'device-decided', userCode: waiting.userCode, allowed });
    return waiting !== undefined;
  }

  /** Whether an access token is alive. No token is as good as a dead one. */
  isAlive(accessToken: string | undefined): boolean {
    return this.ownerOf(accessToken) !== undefined;
  }

  /** The client (its fingerprint) that a living access token was issued to; undefined for any other. */
  ownerOf(accessToken: string | undefined): Fingerprint | undefined {
    return accessToken === undefined ? undefined : this.#grants.ownerOf(accessToken, this.#clock.nowMs());
  }

  /** Whether the protected resource opens; counted either way. */
  openResource(accessToken: string | undefined): boolean {
    return this.#state.openResource(this.isAlive(accessToken));
  }

  /** Lets the next token requests fail; orders queue up. */
  orderFaults(order: FaultOrder): void {
    this.#state.orderFaults(order);
  }

  stats(): SandboxStats {
    return this.#state.stats();
  }
}

/** Eight consonants (RFC 8628 §6.1): easy to read aloud, and no word of any language. */
function userCodeOf(random: string): string {
  const letters = [...createHash('sha256').update(random).digest()]
    .slice(0, 8)
    .map((byte) => 'BCDFGHJKLMNPQRSTVWXZ'[byte % 20]);
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`;
}

function fingerprints({ clientId, clientSecret, scope }: ClientInput) {
  return {
    client: fingerprint(clientId),
    ...(clientSecret !== undefined && { clientSecret: fingerprint(clientSecret) }),
    scope,
  };
}
