import type { Clock } from '../clock/clock.ts';
import { Secret } from '../secret/secret.ts';
import { exchange } from '../token-endpoint/connection/exchange.ts';
import { openFreshSocket } from '../token-endpoint/connection/fresh-socket.ts';
import { requestText } from '../token-endpoint/request/request-text.ts';
import {
  type BuiltTokenRequest,
  buildTokenRequest,
  outcomeOfUnbuildable,
} from '../token-endpoint/request/token-request.ts';
import type { PostLimits } from '../token-endpoint/token-endpoint.ts';
import { deviceOutcomeOf } from './device-answer.ts';
import type { DeviceEndpoint, DeviceOutcome, DeviceRequest } from './device-endpoint.ts';

/** Posts over HTTP/1.1 (plain http to loopback only), one new connection for each request, no redirect followed. */
export class HttpsDeviceEndpoint implements DeviceEndpoint {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async ask(request: DeviceRequest, { sendByMs, answerByMs }: PostLimits): Promise<DeviceOutcome> {
    const clock = this.#clock;
    let built: BuiltTokenRequest;
    try {
      built = await buildDeviceRequest(request, clock.nowMs());
    } catch (error) {
      const unbuildable = outcomeOfUnbuildable(error);
      const reason = 'reason' in unbuildable ? unbuildable.reason : 'unbuildable-request';
      return { kind: 'refused', outcome: 'refused-client', reason };
    }
    const byMs = Math.min(sendByMs, answerByMs);
    const { socket, reason } = await openFreshSocket(built.url, { ...built.tls, clock, byMs });
    if (socket === undefined) return { kind: 'refused', outcome: 'not-sent', reason };
    try {
      const answer = await exchange(socket, requestText(built), {
        clock,
        answerByMs,
        progressOf: ({ complete }) => (complete ? 'complete' : 'open'),
      });
      if (typeof answer === 'string') return { kind: 'refused', outcome: 'unknown', reason: answer };
      return deviceOutcomeOf(answer, clock.nowMs());
    } finally {
      socket.destroy();
    }
  }
}

/** A token request without a grant: client, scope and headers travel in the same way (RFC 8628 §3.1). */
async function buildDeviceRequest(
  { deviceUrl, ...request }: DeviceRequest,
  nowMs: number,
): Promise<BuiltTokenRequest> {
  const form = { ...request, body: 'form', tokenUrl: deviceUrl, grant: 'client_credentials' } as const;
  const built = await buildTokenRequest(form, nowMs);
  const parameters = new URLSearchParams(built.body.reveal());
  parameters.delete('grant_type');
  return { ...built, body: new Secret(String(parameters)) };
}
