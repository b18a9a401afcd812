import { type Fingerprint, fingerprint } from '../provider/fingerprint.ts';
import { SpentRefreshTokenError, TokenError } from '../provider/token-error.ts';
import type { BsnLogin, BsnRefresh } from './bsn-form.ts';
import type { BsnIssued, BsnUser } from './bsn-record.ts';

/** Who a token is for. */
export interface BsnIdentity {
  readonly username: string;
  readonly network: string | undefined;
}

/**
 * Users, and which of their tokens are alive. Decisions (`judge…`) change nothing, changes decide nothing. What the
 * document does not say is left as it was: a refresh kills the refresh token that it spends and no access token,
 * and a refresh token has no end but its user's (a new password, an end of all sessions).
 */
export class BsnSessions {
  readonly #users = new Map<string, BsnUser>();
  readonly #refreshTokens = new Map<Fingerprint, BsnIdentity & { spent: boolean }>();
  readonly #accessTokens = new Map<Fingerprint, number>();

  /** Throws {@link TokenError} `invalid_grant` for a wrong name, password or network. */
  judgeLogin({ username, password, network }: BsnLogin): BsnIdentity {
    const user = this.#users.get(username);
    const mayEnter = network === undefined || user?.networks.includes(network) === true;
    if (!user || user.password !== fingerprint(password) || !mayEnter) {
      throw new TokenError('invalid_grant', 'username, password or network: not those of a user');
    }
    return { username, network };
  }

  /** Throws {@link TokenError} `invalid_grant`, {@link SpentRefreshTokenError} for one that was used. */
  judgeRefresh({ refreshToken }: BsnRefresh): BsnIdentity {
    const found = this.#refreshTokens.get(fingerprint(refreshToken));
    if (!found) throw new TokenError('invalid_grant', 'refresh_token: is not known; log in again');
    if (found.spent) throw new SpentRefreshTokenError();
    return found;
  }

  networksOf(username: string): readonly string[] {
    return this.#users.get(username)?.networks ?? [];
  }

  isAlive(accessToken: string, nowMs: number): boolean {
    return nowMs < (this.#accessTokens.get(fingerprint(accessToken)) ?? 0);
  }

  /** A new password ends what the old one began. */
  setUser(user: BsnUser): void {
    this.revoke(user.username);
    this.#users.set(user.username, user);
  }

  issue({ username, network, accessToken, refreshToken, spent }: BsnIssued): void {
    const before = spent === undefined ? undefined : this.#refreshTokens.get(spent);
    if (before) before.spent = true;
    this.#refreshTokens.set(refreshToken, { username, network, spent: false });
    this.#accessTokens.set(accessToken.fingerprint, accessToken.expiresAtMs ?? Infinity);
  }

  revoke(username: string): void {
    for (const [token, { username: owner }] of this.#refreshTokens) {
      if (owner === username) this.#refreshTokens.delete(token);
    }
  }
}
