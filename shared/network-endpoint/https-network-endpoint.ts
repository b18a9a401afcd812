import type { Clock } from '../clock/clock.ts';
import { Secret } from '../secret/secret.ts';
import { retryAfterSeconds } from '../token-endpoint/answer/retry-after.ts';
import { exchange } from '../token-endpoint/connection/exchange.ts';
import { openFreshSocket } from '../token-endpoint/connection/fresh-socket.ts';
import { isHeader } from '../token-endpoint/request/request-headers.ts';
import type { PostLimits } from '../token-endpoint/token-endpoint.ts';
import { assertTokenUrl, InvalidTokenUrlError } from '../token-endpoint/token-url.ts';
import type { NetworkEndpoint, NetworkOutcome, NetworkRequest } from './network-endpoint.ts';

/** Puts over HTTP/1.1 (plain http to loopback only), one new connection for each request, no redirect followed. */
export class HttpsNetworkEndpoint implements NetworkEndpoint {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async choose(request: NetworkRequest, { sendByMs, answerByMs }: PostLimits): Promise<NetworkOutcome> {
    const clock = this.#clock;
    const url = urlOf(request.url);
    if (url === undefined) return { kind: 'refused-network', reason: 'invalid-network-url' };
    if (!isHeader('authorization', request.accessToken.reveal())) {
      return { kind: 'refused-token', reason: 'unprintable-access-token' };
    }
    const byMs = Math.min(sendByMs, answerByMs);
    const { socket, reason } = await openFreshSocket(url, { ca: request.ca, clock, byMs });
    if (socket === undefined) return { kind: 'not-chosen', reason };
    try {
      const answer = await exchange(socket, textOf(url, request), {
        clock,
        answerByMs,
        // Its status is all that matters.
        progressOf: ({ complete }) => (complete ? 'complete' : 'settling'),
      });
      if (typeof answer === 'string') return { kind: 'not-chosen', reason: answer };
      const { status, headers } = answer;
      return outcomeOf(status, retryAfterSeconds(headers['retry-after'], clock.nowMs()));
    } finally {
      socket.destroy();
    }
  }
}

function outcomeOf(status: number, retryAfter: number | undefined): NetworkOutcome {
  const reason = `http-${status}` as const;
  if (status >= 200 && status < 300) return { kind: 'chosen' };
  if (status === 401) return { kind: 'refused-token', reason };
  const isLater = [408, 425, 429].includes(status) || status < 400 || status >= 500;
  if (!isLater) return { kind: 'refused-network', reason };
  return { kind: 'not-chosen', reason, ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }) };
}

function urlOf(text: string): URL | undefined {
  try {
    return assertTokenUrl(text);
  } catch (error) {
    if (error instanceof InvalidTokenUrlError) return undefined;
    throw error;
  }
}

function textOf(url: URL, { accessToken, network, userAgent = 'renova' }: NetworkRequest): Secret {
  const body = JSON.stringify({ name: network });
  const lines = [
    `PUT ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    `authorization: Bearer ${accessToken.reveal()}`,
    'accept: application/json',
    'content-type: application/json',
    `user-agent: ${userAgent}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return new Secret(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
