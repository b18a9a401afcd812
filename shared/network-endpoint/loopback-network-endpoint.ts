import { isLoopback } from '../config/loopback.ts';
import type { PostLimits } from '../token-endpoint/token-endpoint.ts';
import type { NetworkEndpoint, NetworkOutcome, NetworkRequest } from './network-endpoint.ts';

/** Lets through what stays on this machine, and nothing else: for the local stack. */
export class LoopbackNetworkEndpoint implements NetworkEndpoint {
  readonly #inner: NetworkEndpoint;

  constructor(inner: NetworkEndpoint) {
    this.#inner = inner;
  }

  async choose(request: NetworkRequest, limits: PostLimits): Promise<NetworkOutcome> {
    const url = URL.parse(request.url);
    if (url !== null && !isLoopback(url.hostname)) {
      return { kind: 'refused-network', reason: 'remote-provider' };
    }
    return this.#inner.choose(request, limits);
  }
}
