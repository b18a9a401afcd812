import { isLoopback } from '../config/loopback.ts';
import type { PostLimits } from '../token-endpoint/token-endpoint.ts';
import type { DeviceEndpoint, DeviceOutcome, DeviceRequest } from './device-endpoint.ts';

/** Lets through what stays on this machine, and nothing else: for the local stack. */
export class LoopbackDeviceEndpoint implements DeviceEndpoint {
  readonly #inner: DeviceEndpoint;

  constructor(inner: DeviceEndpoint) {
    this.#inner = inner;
  }

  async ask(request: DeviceRequest, limits: PostLimits): Promise<DeviceOutcome> {
    const url = URL.parse(request.deviceUrl);
    // What cannot be read as a URL is refused by the inner one, in its own words.
    if (url !== null && !isLoopback(url.hostname)) {
      return { kind: 'refused', outcome: 'refused-client', reason: 'remote-provider' };
    }
    return this.#inner.ask(request, limits);
  }
}
