import { type Fingerprint, fingerprint, type IssuedToken } from './fingerprint.ts';
import { type Enrolled, Logins } from './logins.ts';
import { SpentRefreshTokenError, TokenError } from './token-error.ts';
import type { LoginForm, RefreshForm } from './token-form.ts';

/** A person generated a refresh token in BS2 Empresas: a new grant begins. */
export interface Granted {
  readonly type: 'granted';
  readonly client: Fingerprint;
  readonly clientSecret: Fingerprint;
  readonly scope: string;
  readonly refreshToken: IssuedToken;
}

/** A refresh token was spent for a new pair. */
export interface Rotated {
  readonly type: 'rotated';
  readonly spent: Fingerprint;
  readonly accessToken: IssuedToken;
  readonly refreshToken: IssuedToken;
}

/** A client or a user logged in: the tokens of its login before are dead. */
export interface LoginResult {
  readonly type: 'logged-in';
  readonly login: string;
  readonly client: Fingerprint;
  readonly scope: string;
  readonly accessToken: IssuedToken;
  /** Only a user gets one (RFC 6749 §4.4.3). */
  readonly refreshToken?: IssuedToken;
}

interface Grant {
  readonly client: Fingerprint;
  readonly scope: string;
  accessToken: IssuedToken | undefined;
  refreshToken: IssuedToken | undefined;
}

/**
 * Clients, grants and which of their tokens are alive. Decisions ({@link Grants.judge}) change nothing;
 * changes ({@link Grants.apply}) decide nothing, so that replaying them gives the same state again.
 *
 * Grants are independent, those of one client too. "When generating a new access_token, the existing key
 * will be automatically invalidated" speaks of the token that a refresh replaces; the document does not say
 * that a refresh token generated on the platform ends one generated before, so here it does not. Nor does it
 * say that reuse of a spent refresh token revokes the grant: it is refused, and the current pair lives on.
 */
export class Grants {
  readonly #clientSecrets = new Map<Fingerprint, Fingerprint>();
  /** Every refresh token ever issued: a spent one must be told from one that never was. */
  readonly #byRefreshToken = new Map<Fingerprint, Grant>();
  /** Only the current access token of each grant. */
  readonly #byAccessToken = new Map<Fingerprint, Grant>();
  readonly #logins = new Logins();
  readonly #byLogin = new Map<string, Grant>();

  /**
   * Returns the scope that a refresh at `nowMs` is entitled to, or throws: {@link TokenError} with
   * `invalid_client`, `invalid_grant` (never issued to this client, expired), `invalid_scope`;
   * {@link SpentRefreshTokenError}. A refused request spends nothing.
   */
  judge(form: RefreshForm, nowMs: number): string {
    const client = this.#clientOf(form);
    const presented = fingerprint(form.refreshToken);
    const grant = this.#byRefreshToken.get(presented);
    if (grant?.client !== client) {
      throw new TokenError('invalid_grant', 'refresh_token: was not issued to this client');
    }
    if (grant.refreshToken?.fingerprint !== presented) throw new SpentRefreshTokenError();
    if (nowMs >= grant.refreshToken.expiresAtMs) {
      throw new TokenError('invalid_grant', 'refresh_token: expired; generate a new one in BS2 Empresas');
    }
    assertScope(form.scope, grant.scope);
    return grant.scope;
  }

  /** Returns the login that a client or a user is entitled to, or throws {@link TokenError}. */
  judgeLogin(form: LoginForm): Pick<LoginResult, 'login' | 'client' | 'scope'> {
    const client = this.#clientOf(form);
    const { login, scope } = this.#logins.judge(form);
    assertScope(form.scope, scope);
    return { login, client, scope };
  }

  #clientOf({ clientId, clientSecret }: RefreshForm | LoginForm): Fingerprint {
    const client = fingerprint(clientId);
    if (this.#clientSecrets.get(client) === fingerprint(clientSecret)) return client;
    throw new TokenError('invalid_client', 'client_id and client_secret: not those of a registered client');
  }

  /** Whether `accessToken` opens the protected resource at `nowMs`. */
  isAlive(accessToken: string, nowMs: number): boolean {
    const current = this.#byAccessToken.get(fingerprint(accessToken))?.accessToken;
    return current !== undefined && nowMs < current.expiresAtMs;
  }

  /** Makes happen what was decided. A client that is registered again has the new client secret only. */
  apply(change: Granted | Rotated | Enrolled | LoginResult): void {
    switch (change.type) {
      case 'granted': {
        const { client, clientSecret, scope, refreshToken } = change;
        this.#clientSecrets.set(client, clientSecret);
        const grant = { client, scope, accessToken: undefined, refreshToken };
        this.#byRefreshToken.set(refreshToken.fingerprint, grant);
        return;
      }
      case 'enrolled':
        this.#clientSecrets.set(change.client, change.clientSecret);
        this.#logins.enrol(change);
        return;
      case 'logged-in': {
        const { login, client, scope } = change;
        const grant = this.#byLogin.get(login) ?? {
          client,
          scope,
          accessToken: undefined,
          refreshToken: undefined,
        };
        this.#byLogin.set(login, grant);
        this.#replaceTokens(grant, change);
        return;
      }
      case 'rotated': {
        const grant = this.#byRefreshToken.get(change.spent);
        if (!grant) throw new TypeError('journal: a rotation of a refresh token that was never issued');
        this.#replaceTokens(grant, change);
      }
    }
  }

  #replaceTokens(
    grant: Grant,
    { accessToken, refreshToken }: Pick<LoginResult, 'accessToken' | 'refreshToken'>,
  ) {
    if (grant.accessToken) this.#byAccessToken.delete(grant.accessToken.fingerprint);
    grant.accessToken = accessToken;
    grant.refreshToken = refreshToken;
    this.#byAccessToken.set(accessToken.fingerprint, grant);
    if (refreshToken) this.#byRefreshToken.set(refreshToken.fingerprint, grant);
  }
}

function assertScope(scope: string | undefined, expected: string): void {
  if (sameScope(scope ?? '', expected)) return;
  throw new TokenError('invalid_scope', 'scope: expected the scope obtained with the credentials');
}

/** Scope is a set: order and repetition mean nothing (RFC 6749 §3.3). */
function sameScope(left: string, right: string): boolean {
  return canonicalScope(left) === canonicalScope(right);
}

const canonicalScope = (scope: string) => [...new Set(scope.split(' '))].sort().join(' ').trim();
