import type {
  NetworkEndpoint,
  NetworkOutcome,
  NetworkRequest,
} from '../../../shared/network-endpoint/network-endpoint.ts';

/** A provider whose networks are chosen as the test says: every choice is granted when the script has ended. */
export class ScriptedNetworkEndpoint implements NetworkEndpoint {
  readonly received: NetworkRequest[] = [];
  readonly #script: NetworkOutcome[] = [];

  /** What the next choices come to, in this order. */
  play(...outcomes: readonly NetworkOutcome[]): void {
    this.#script.push(...outcomes);
  }

  async choose(request: NetworkRequest): Promise<NetworkOutcome> {
    this.received.push(request);
    return this.#script.shift() ?? { kind: 'chosen' };
  }
}
