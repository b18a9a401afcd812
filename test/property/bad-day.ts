import { Secret } from '../../shared/secret/secret.ts';
import type { TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import type { ProviderOutcome } from '../support/fakes/scripted-token-endpoint.ts';
import type { World } from '../support/world.ts';
import { CLIENT } from '../unit/admin/admin-world.ts';

/** Where the refresh token lies in an answer that nobody can read. */
export const UNREADABLE_AT = 'data.tokens.renewal';

/**
 * A provider and stores that have a bad day, drawn from a seed. Nothing that it does ends a chain by itself: what it
 * rotates arrives, readable or not, and a good token is refused once at most.
 */
export class BadDay {
  isStormy = true;
  readonly #world: World;
  readonly #draw: () => number;
  /** Refresh tokens that were refused once for no reason: not twice in a row, which would be an end. */
  readonly #refused = new Set<string>();
  readonly #codes = new Set<string>();
  #logins = 0;

  constructor(world: World, draw: () => number) {
    this.#world = world;
    this.#draw = draw;
    world.endpoint.playAlways((request) => this.#answer(request));
    world.fault = (_, operation) => {
      if (!this.isStormy || draw() > 0.02) return undefined;
      return operation === 'save' && draw() < 0.5 ? 'after' : 'before';
    };
  }

  /** What a person brings back from the login page; good for one exchange. */
  code(): object {
    this.#logins += 1;
    const code = `fake-code-${this.#logins}`;
    this.#codes.add(code);
    return pasted(code);
  }

  mistypedCode(): object {
    this.#logins += 1;
    return pasted(`fake-mistyped-code-${this.#logins}`);
  }

  async #answer(request: TokenRequest): Promise<ProviderOutcome> {
    const { provider, clock } = this.#world;
    if (request.client.clientSecret?.reveal() !== CLIENT.client_secret) {
      return { kind: 'refused-client', reason: 'invalid_client' };
    }
    if (request.code) return this.#exchange(request);
    if (!this.isStormy) return provider.answer(request);
    const refused = this.#refusal(request);
    if (refused) return refused;
    const isSlow = this.#draw() < 0.03;
    const answer = provider.answer(request);
    // It has rotated: from here on its answer is all that the chain has.
    if (isSlow) await clock.sleep(5000 + this.#draw() * 15_000);
    const token = answer.kind === 'success' ? answer.response.refreshToken?.reveal() : undefined;
    if (token === undefined || this.#draw() > 0.06) return answer;
    return { kind: 'garbled', body: new Secret(JSON.stringify({ data: { tokens: { renewal: token } } })) };
  }

  /** The request never arrived, or was refused without being looked at: nothing rotated. */
  #refusal({ refreshToken }: TokenRequest): ProviderOutcome | undefined {
    const token = refreshToken?.reveal() ?? '';
    const chance = this.#draw();
    if (chance < 0.06) return { kind: 'unknown', reason: 'http-503' };
    if (chance < 0.1) return { kind: 'unknown', reason: 'no-token' };
    if (chance < 0.13) return { kind: 'throttled', retryAfterSeconds: 20 };
    if (chance < 0.15) return { kind: 'refused', reason: 'http-403' };
    if (chance < 0.19 && !this.#refused.has(token)) {
      this.#refused.add(token);
      return { kind: 'refused-grant', reason: 'invalid_grant' };
    }
    this.#refused.delete(token);
    return undefined;
  }

  #exchange(request: TokenRequest): ProviderOutcome {
    const { provider } = this.#world;
    const code = request.code && 'code' in request.code ? request.code.code.reveal() : '';
    if (!this.#codes.delete(code)) return { kind: 'refused-grant', reason: 'invalid_grant' };
    return provider.answer({ ...request, refreshToken: provider.login() });
  }
}

function pasted(code: string): object {
  return { code, redirect_uri: 'https://app.example/back', code_verifier: `fake-verifier-of-${code}` };
}
