import type { Clock } from '../../shared/clock/clock.ts';
import { Secret } from '../../shared/secret/secret.ts';
import type { TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import type { ProviderOutcome } from '../support/fakes/scripted-token-endpoint.ts';

/** One refresh token that the provider gave out, and what became of it. */
export interface IssuedToken {
  readonly token: string;
  readonly grant: string;
  /** The token that was spent for it; none for the one that a person got at the login. */
  readonly parent?: string;
  readonly accessToken?: string;
  readonly issuedAtMs: number;
  /** True once it was exchanged for the next one. */
  spent: boolean;
}

const LIFE_SECONDS = 300;

/**
 * A provider that rotates as BS2 does (each refresh kills the pair before it, a spent token is refused and
 * nothing more) and remembers all it gave out: the witness that the code under test is judged by.
 */
export class WitnessProvider {
  readonly issued = new Map<string, IssuedToken>();
  /** Posts of refresh tokens that were spent already. */
  readonly reused: string[] = [];
  readonly #clock: Clock;
  #grants = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A first refresh token, as a person gets it. */
  login(): Secret {
    this.#grants += 1;
    return new Secret(this.#issue(`grant-${this.#grants}`).token);
  }

  /** True if the refresh token would be taken now. */
  takes(refreshToken: Secret | undefined): boolean {
    const known = refreshToken && this.issued.get(refreshToken.reveal());
    return known !== undefined && !known.spent;
  }

  /** True if the protected resource would open now. */
  accepts(accessToken: Secret | undefined): boolean {
    for (const issued of this.issued.values()) {
      if (issued.accessToken === accessToken?.reveal()) {
        return !issued.spent && this.#clock.nowMs() < issued.issuedAtMs + LIFE_SECONDS * 1000;
      }
    }
    return false;
  }

  /** Processes one request that has arrived. */
  answer(request: TokenRequest): ProviderOutcome {
    const posted = this.issued.get(request.refreshToken?.reveal() ?? '');
    if (!posted || posted.spent) {
      if (posted) this.reused.push(posted.token);
      return { kind: 'refused-grant', reason: 'invalid_grant' };
    }
    posted.spent = true;
    const { token, accessToken } = this.#issue(posted.grant, posted.token);
    return {
      kind: 'success',
      response: {
        accessToken: new Secret(accessToken),
        refreshToken: new Secret(token),
        tokenType: 'Bearer',
        expiresInSeconds: LIFE_SECONDS,
      },
    };
  }

  #issue(grant: string, parent?: string) {
    // Counted by grant: what one grant is given does not depend on what another was given before.
    const number = [...this.issued.values()].filter((issued) => issued.grant === grant).length + 1;
    const [token, accessToken] = [`fake-refresh-${number}-of-${grant}`, `fake-access-${number}-of-${grant}`];
    const issuedAtMs = this.#clock.nowMs();
    this.issued.set(token, { token, grant, parent, accessToken, issuedAtMs, spent: false });
    return { token, accessToken };
  }
}
