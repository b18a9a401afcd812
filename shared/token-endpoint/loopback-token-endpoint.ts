import { isLoopback } from '../config/loopback.ts';
import type { Outcome, PostLimits, TokenEndpoint, TokenRequest } from './token-endpoint.ts';

/**
 * Lets through what stays on this machine, and nothing else: the token endpoint of the local stack, whose ledger may
 * come from one that was allowed more. What it holds back is refused, not sent.
 */
export class LoopbackTokenEndpoint implements TokenEndpoint {
  readonly #inner: TokenEndpoint;

  constructor(inner: TokenEndpoint) {
    this.#inner = inner;
  }

  async post(request: TokenRequest, limits: PostLimits): Promise<Outcome> {
    const url = URL.parse(request.tokenUrl);
    // What cannot be read as a URL is refused by the inner one, in its own words.
    if (url !== null && !isLoopback(url.hostname)) {
      return { kind: 'refused-client', reason: 'remote-provider' };
    }
    return this.#inner.post(request, limits);
  }
}
