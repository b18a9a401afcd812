import { Clients, type RegisteredClient } from './clients.ts';
import { Codes } from './codes.ts';
import { type DeviceAsked, Devices } from './devices.ts';
import { type Fingerprint, fingerprint, type IssuedToken, isExpired } from './fingerprint.ts';
import type { GrantsChange, LoginResult } from './grants-change.ts';
import { Logins } from './logins.ts';
import { DEVICE_GRANT, type ProviderRules, refreshTokenEndMs, type SandboxGrant } from './rules.ts';
import { isWithin, sameScope } from './scope.ts';
import { SpentRefreshTokenError, TokenError, TooManyTokensError } from './token-error.ts';
import type { ClientForm, LoginForm, RefreshForm } from './token-form.ts';

interface Grant {
  readonly client: Fingerprint;
  readonly scope: string;
  readonly loginMs: number;
  readonly by: SandboxGrant;
  /** Those that may be alive, oldest first. */
  accessTokens: readonly IssuedToken[];
  refreshToken: IssuedToken | undefined;
  /** When its latest tokens were issued, as far back as the quota looks. */
  issuedMs: readonly number[];
  revoked: boolean;
}

interface KnownRefreshToken {
  readonly grant: Grant;
  token: IssuedToken;
  /** When another took its place; absent: it is the one to present. */
  replacedAtMs?: number;
}

/** What a refresh is entitled to. */
export interface RefreshVerdict {
  readonly scope: string;
  readonly by: SandboxGrant;
  readonly loginMs: number;
}

/**
 * Clients, grants and which of their tokens are alive, by the rules of one provider. Decisions ({@link Grants.judge})
 * change nothing; changes ({@link Grants.apply}) decide nothing, so that replaying them gives the same state again.
 *
 * Grants are independent, those of one client too. Of BS2: "When generating a new access_token, the existing key
 * will be automatically invalidated" speaks of the token that a refresh replaces; the document does not say
 * that a refresh token generated on the platform ends one generated before, so here it does not. Nor does it
 * say that reuse of a spent refresh token revokes the grant: it is refused, and the current pair lives on.
 */
export class Grants {
  readonly #rules: ProviderRules;
  readonly #clients: Clients;
  /** Every refresh token ever issued: a spent one must be told from one that never was. */
  readonly #byRefreshToken = new Map<Fingerprint, KnownRefreshToken>();
  /** Access tokens that no newer one has ended. */
  readonly #byAccessToken = new Map<Fingerprint, { readonly grant: Grant; readonly token: IssuedToken }>();
  readonly #logins = new Logins();
  readonly #codes = new Codes();
  readonly #devices: Devices;
  readonly #byLogin = new Map<string, Grant>();

  constructor(rules: ProviderRules) {
    this.#rules = rules;
    this.#clients = new Clients(rules.clientSecret);
    this.#devices = new Devices(rules.deviceIntervalMs ?? DEVICE_INTERVAL_MS);
  }

  /** The registered client of that id, unproven. */
  findClient(clientId: string): RegisteredClient | undefined {
    return this.#clients.find(clientId);
  }

  /**
   * Returns what a refresh at `nowMs` is entitled to, or throws: {@link TokenError} with
   * `invalid_client`, `invalid_grant` (never issued to this client, expired), `invalid_scope`;
   * {@link SpentRefreshTokenError}; {@link TooManyTokensError} where each grant has a quota of its own. A refused
   * request spends nothing.
   */
  judge(form: RefreshForm, nowMs: number): RefreshVerdict {
    const client = this.#clients.prove(form, nowMs);
    const known = this.#byRefreshToken.get(fingerprint(form.refreshToken));
    if (known?.grant.client !== client) {
      throw new TokenError('invalid_grant', 'refresh_token: was not issued to this client');
    }
    const { grant, token, replacedAtMs } = known;
    if (grant.revoked) throw new TokenError('invalid_grant', 'refresh_token: was revoked; log in again');
    if (replacedAtMs !== undefined && nowMs >= replacedAtMs + this.#graceMs()) {
      throw new SpentRefreshTokenError();
    }
    if (isExpired(token, nowMs)) {
      throw new TokenError('invalid_grant', 'refresh_token: expired; generate a new one at the provider');
    }
    const scope = this.#scopeOf(form.scope, grant.scope);
    this.#assertQuota(grant, nowMs);
    const { by, loginMs } = grant;
    return { scope, by, loginMs };
  }

  /** Returns the login that a client, a user or a code is entitled to, or throws {@link TokenError}. */
  judgeLogin(
    form: LoginForm,
    nowMs: number,
  ): Pick<LoginResult, 'login' | 'client' | 'scope' | 'code' | 'device'> {
    const client = this.#clients.prove(form, nowMs);
    if (form.grantType === 'authorization_code') {
      const { scope, code } = this.#codes.judge(form, client, nowMs);
      return { login: loginOfCode(code.fingerprint), client, scope, code: code.fingerprint };
    }
    if (form.grantType === DEVICE_GRANT) {
      const { scope, device } = this.#devices.judge(form, client, nowMs);
      return { login: `device ${device.fingerprint}`, client, scope, device: device.fingerprint };
    }
    const { login, scope } = this.#logins.judge(form);
    return { login, client, scope: this.#scopeOf(form.scope, scope) };
  }

  /** The client and the scope that a device may ask a person for, or throws {@link TokenError}. */
  judgeDevice(form: ClientForm, nowMs: number): Pick<DeviceAsked, 'client' | 'scope'> {
    const client = this.#clients.prove(form, nowMs);
    const known = this.#clients.find(form.clientId)?.scope ?? '';
    if (form.scope !== undefined && !isWithin(form.scope, known)) {
      throw new TokenError('invalid_scope', 'scope: expected no more than the client was registered for');
    }
    return { client, scope: form.scope ?? known };
  }

  /** The device that waits for the person with this code; undefined: none does. */
  waitingDevice(userCode: string, nowMs: number): DeviceAsked | undefined {
    return this.#devices.waiting(userCode, nowMs);
  }

  /** The login whose grant a second exchange of its code ends; undefined for any other request. */
  loginOfSpentCode(form: LoginForm): string | undefined {
    const isReuse = form.grantType === 'authorization_code' && this.#codes.isSpent(form.code);
    return isReuse ? loginOfCode(fingerprint(form.code)) : undefined;
  }

  /** When a refresh token ends that is issued, or used where it stays, at `nowMs`. */
  refreshTokenEndMs(grant: Pick<RefreshVerdict, 'by' | 'loginMs'>, nowMs: number): number {
    return refreshTokenEndMs(this.#rules.refreshToken, { ...grant, nowMs });
  }

  /** The client that an access token was issued to, while it is alive; undefined for a dead one. */
  ownerOf(accessToken: string, nowMs: number): Fingerprint | undefined {
    const known = this.#byAccessToken.get(fingerprint(accessToken));
    return known && !known.grant.revoked && !isExpired(known.token, nowMs) ? known.grant.client : undefined;
  }

  /** Makes happen what was decided. */
  apply(change: GrantsChange): void {
    switch (change.type) {
      case 'client':
        this.#clients.register(change);
        return;
      case 'granted': {
        const { client, scope, refreshToken, atMs } = change;
        this.#clients.register(change);
        this.#follow(newGrant({ client, scope, atMs, by: 'refresh_token' }), { refreshToken }, atMs);
        return;
      }
      case 'enrolled':
        this.#clients.register(change);
        this.#logins.enrol(change);
        return;
      case 'code-issued':
        this.#codes.issue(change);
        return;
      case 'device-asked':
        this.#devices.ask(change);
        return;
      case 'device-decided':
        this.#devices.decide(change);
        return;
      case 'logged-in':
        this.#logIn(change);
        return;
      case 'rotated': {
        const known = this.#byRefreshToken.get(change.spent);
        if (!known) throw new TypeError('journal: a rotation of a refresh token that was never issued');
        this.#follow(known.grant, change, change.atMs);
        return;
      }
      case 'revoked': {
        const grant = this.#byLogin.get(change.login);
        if (grant) grant.revoked = true;
      }
    }
  }

  #logIn(change: LoginResult): void {
    const { login, client, scope, atMs, by, code, device } = change;
    if (code !== undefined) this.#codes.spend(code);
    if (device !== undefined) this.#devices.spend(device);
    // Where one token ends the other, a second login ends what the first one brought.
    const before = this.#rules.accessToken.alive === 1 ? this.#byLogin.get(login) : undefined;
    const grant = before ?? newGrant({ client, scope, atMs, by });
    this.#byLogin.set(login, grant);
    this.#follow(grant, change, atMs);
  }

  /** The tokens of a grant after an answer: what the rules end with it is dead from now on. */
  #follow(
    grant: Grant,
    { accessToken, refreshToken }: Partial<Pick<LoginResult, 'accessToken' | 'refreshToken'>>,
    atMs: number,
  ): void {
    if (accessToken) {
      const tokens = [...grant.accessTokens, accessToken];
      grant.accessTokens = tokens.slice(-this.#rules.accessToken.alive);
      for (const { fingerprint: ended } of tokens.slice(0, -grant.accessTokens.length)) {
        this.#byAccessToken.delete(ended);
      }
      this.#byAccessToken.set(accessToken.fingerprint, { grant, token: accessToken });
      grant.issuedMs = [...grant.issuedMs, atMs].slice(-(this.#rules.quota?.limit ?? 1));
    }
    if (!refreshToken) return;
    const before = grant.refreshToken && this.#byRefreshToken.get(grant.refreshToken.fingerprint);
    if (before && before.token.fingerprint !== refreshToken.fingerprint) before.replacedAtMs ??= atMs;
    grant.refreshToken = refreshToken;
    this.#byRefreshToken.set(refreshToken.fingerprint, { grant, token: refreshToken });
  }

  #assertQuota({ issuedMs }: Grant, nowMs: number): void {
    const { quota } = this.#rules;
    if (quota?.per !== 'grant') return;
    const firstToLeaveMs = issuedMs.at(-quota.limit);
    if (firstToLeaveMs === undefined || firstToLeaveMs <= nowMs - quota.windowMs) return;
    throw new TooManyTokensError(firstToLeaveMs + quota.windowMs - nowMs);
  }

  #graceMs(): number {
    const { rotation, graceMs = 0 } = this.#rules.refreshToken;
    return rotation === 'grace' ? graceMs : 0;
  }

  /** The scope of the answer, or throws {@link TokenError} `invalid_scope`. */
  #scopeOf(asked: string | undefined, granted: string): string {
    if (this.#rules.scope === 'exact') {
      if (sameScope(asked ?? '', granted)) return granted;
      throw new TokenError('invalid_scope', 'scope: expected the scope obtained with the credentials');
    }
    if (asked === undefined) return granted;
    if (isWithin(asked, granted)) return asked;
    throw new TokenError('invalid_scope', 'scope: expected no more than what was granted');
  }
}

function newGrant({ client, scope, atMs, by }: Pick<LoginResult, 'client' | 'scope' | 'atMs' | 'by'>): Grant {
  return {
    client,
    scope,
    loginMs: atMs,
    by,
    accessTokens: [],
    refreshToken: undefined,
    issuedMs: [],
    revoked: false,
  };
}

/** RFC 8628 §3.2. */
const DEVICE_INTERVAL_MS = 5000;

const loginOfCode = (code: Fingerprint) => `code ${code}`;
