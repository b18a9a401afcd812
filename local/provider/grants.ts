import { createHash } from 'node:crypto';
import { SpentRefreshTokenError, TokenError } from './token-error.ts';
import type { RefreshForm } from './token-form.ts';

/** A token, client id or client secret as the sandbox keeps it: enough to recognise it, not enough to use it. */
export type Fingerprint = string;

/** A token that was issued, and the first moment (Unix ms) at which it is dead. */
export interface IssuedToken {
  readonly fingerprint: Fingerprint;
  readonly expiresAtMs: number;
}

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

interface Grant {
  readonly client: Fingerprint;
  readonly scope: string;
  accessToken: IssuedToken | undefined;
  refreshToken: IssuedToken;
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

  /**
   * Returns the scope that a refresh at `nowMs` is entitled to, or throws: {@link TokenError} with
   * `invalid_client`, `invalid_grant` (never issued to this client, expired), `invalid_scope`;
   * {@link SpentRefreshTokenError}. A refused request spends nothing.
   */
  judge(form: RefreshForm, nowMs: number): string {
    const client = fingerprint(form.clientId);
    if (this.#clientSecrets.get(client) !== fingerprint(form.clientSecret)) {
      throw new TokenError('invalid_client', 'client_id and client_secret: not those of a registered client');
    }
    const presented = fingerprint(form.refreshToken);
    const grant = this.#byRefreshToken.get(presented);
    if (grant?.client !== client) {
      throw new TokenError('invalid_grant', 'refresh_token: was not issued to this client');
    }
    if (grant.refreshToken.fingerprint !== presented) throw new SpentRefreshTokenError();
    if (nowMs >= grant.refreshToken.expiresAtMs) {
      throw new TokenError('invalid_grant', 'refresh_token: expired; generate a new one in BS2 Empresas');
    }
    if (!sameScope(form.scope ?? '', grant.scope)) {
      throw new TokenError('invalid_scope', 'scope: expected the scope obtained with the credentials');
    }
    return grant.scope;
  }

  /** Whether `accessToken` opens the protected resource at `nowMs`. */
  isAlive(accessToken: string, nowMs: number): boolean {
    const current = this.#byAccessToken.get(fingerprint(accessToken))?.accessToken;
    return current !== undefined && nowMs < current.expiresAtMs;
  }

  /** Makes happen what was decided. A client that is registered again has the new client secret only. */
  apply(change: Granted | Rotated): void {
    if (change.type === 'granted') {
      const { client, clientSecret, scope, refreshToken } = change;
      this.#clientSecrets.set(client, clientSecret);
      this.#byRefreshToken.set(refreshToken.fingerprint, {
        client,
        scope,
        accessToken: undefined,
        refreshToken,
      });
      return;
    }
    const grant = this.#byRefreshToken.get(change.spent);
    if (!grant) throw new TypeError('journal: a rotation of a refresh token that was never issued');
    if (grant.accessToken) this.#byAccessToken.delete(grant.accessToken.fingerprint);
    grant.accessToken = change.accessToken;
    grant.refreshToken = change.refreshToken;
    this.#byAccessToken.set(change.accessToken.fingerprint, grant);
    this.#byRefreshToken.set(change.refreshToken.fingerprint, grant);
  }
}

/** SHA-256, so that neither memory dumps nor the journal of the sandbox hold anything usable. */
export function fingerprint(secret: string): Fingerprint {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Scope is a set: order and repetition mean nothing (RFC 6749 §3.3). */
function sameScope(left: string, right: string): boolean {
  return canonicalScope(left) === canonicalScope(right);
}

const canonicalScope = (scope: string) => [...new Set(scope.split(' '))].sort().join(' ').trim();
