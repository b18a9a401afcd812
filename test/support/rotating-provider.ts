import type { Clock } from '../../shared/clock/clock.ts';
import { Secret } from '../../shared/secret/secret.ts';
import type { TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import type { ProviderOutcome } from './fakes/scripted-token-endpoint.ts';

/**
 * A provider that rotates as BS2 does: each refresh gives a new pair and kills the old one. Keeps its own
 * record of what it issued, so that a test need not believe the code under test.
 */
export class RotatingProvider {
  readonly #clock: Clock;
  readonly #lifeSeconds: number;
  #issued = 0;
  #grants = 0;
  /** The live refresh token of each grant. */
  readonly #live = new Map<string, { grant: string }>();
  readonly #spent = new Set<string>();
  readonly #access = new Map<string, { token: string; expiresAtMs: number }>();
  /** Posts of refresh tokens that were spent already. */
  reused = 0;

  constructor(clock: Clock, lifeSeconds = 300) {
    this.#clock = clock;
    this.#lifeSeconds = lifeSeconds;
  }

  /** How many pairs it gave out. */
  get issued(): number {
    return this.#issued;
  }

  /** A first refresh token, as a person gets it. */
  login(): Secret {
    const grant = `grant-${++this.#grants}`;
    const token = `fake-refresh-${grant}-0`;
    this.#live.set(token, { grant });
    return new Secret(token);
  }

  /** True if the protected resource would accept the token now. */
  accepts(accessToken: Secret | undefined): boolean {
    for (const { token, expiresAtMs } of this.#access.values()) {
      if (token === accessToken?.reveal()) return this.#clock.nowMs() < expiresAtMs;
    }
    return false;
  }

  /** True if the refresh token is the live one of its grant. */
  takes(refreshToken: Secret | undefined): boolean {
    return refreshToken !== undefined && this.#live.has(refreshToken.reveal());
  }

  /** Processes one request that has arrived. For a script's step: `(request) => provider.answer(request)`. */
  readonly answer = (request: TokenRequest): ProviderOutcome => {
    const posted = request.refreshToken?.reveal() ?? '';
    const live = this.#live.get(posted);
    if (!live) {
      if (this.#spent.has(posted)) this.reused += 1;
      return { kind: 'refused-grant', reason: 'invalid_grant' };
    }
    this.#issued += 1;
    const accessToken = `fake-access-${live.grant}-${this.#issued}`;
    const refreshToken = `fake-refresh-${live.grant}-${this.#issued}`;
    this.#live.delete(posted);
    this.#spent.add(posted);
    this.#live.set(refreshToken, live);
    this.#access.set(live.grant, {
      token: accessToken,
      expiresAtMs: this.#clock.nowMs() + this.#lifeSeconds * 1000,
    });
    return {
      kind: 'success',
      response: {
        accessToken: new Secret(accessToken),
        refreshToken: new Secret(refreshToken),
        tokenType: 'Bearer',
        expiresInSeconds: this.#lifeSeconds,
      },
    };
  };
}
