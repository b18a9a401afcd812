import type { HttpAnswer } from './answer/http-answer.ts';
import { type InterpretedAnswer, interpretAnswer } from './answer/token-response.ts';
import { type AnswerProgress, exchange } from './connection/exchange.ts';
import { type FreshSocketOptions, openFreshSocket } from './connection/fresh-socket.ts';
import { requestText } from './request/request-text.ts';
import { type BuiltTokenRequest, buildTokenRequest, outcomeOfUnbuildable } from './request/token-request.ts';
import type { Outcome, PostLimits, TokenEndpoint, TokenRequest } from './token-endpoint.ts';

/** `ca`: the authorities of every request that has none of its own. */
export type HttpsTokenEndpointOptions = Pick<FreshSocketOptions, 'clock' | 'ca'>;

/**
 * Posts over HTTP/1.1 (plain http to loopback only), one new connection for each request, never resent, no
 * redirect followed, closed afterwards.
 *
 *     connect ── TLS ──┬── write request ──────────┬── read answer ──┐
 *     not-sent ────────┘ sendByMs checked here     │                 │
 *                        unknown ──────────────────┘                 │
 *                                     what came until then, classified ── answerByMs
 *
 * Node's own HTTP client is not used: it gives up the connection, and with it the rest of the answer, at the first byte
 * that breaks a rule, and by then the refresh token may be spent (I3).
 */
export class HttpsTokenEndpoint implements TokenEndpoint {
  readonly #options: HttpsTokenEndpointOptions;

  constructor(options: HttpsTokenEndpointOptions) {
    this.#options = options;
  }

  async post(request: TokenRequest, limits: PostLimits): Promise<Outcome> {
    const { clock, ca } = this.#options;
    let built: BuiltTokenRequest;
    try {
      built = await buildTokenRequest(request, clock.nowMs());
    } catch (error) {
      return outcomeOfUnbuildable(error);
    }
    const byMs = Math.min(limits.sendByMs, limits.answerByMs);
    const { socket, reason } = await openFreshSocket(built.url, { ca, ...built.tls, clock, byMs });
    if (socket === undefined) return { kind: 'not-sent', reason };
    try {
      if (clock.monotonicMs() >= byMs) return { kind: 'not-sent', reason: 'send-deadline' };
      if (socket.destroyed) return { kind: 'not-sent', reason: 'connection-closed' };
      const progressOf = (answer: HttpAnswer) =>
        answer.complete || mayEnd(answer.unframed)
          ? progress(answer, interpretOpen(answer, clock.nowMs(), request))
          : 'open';
      const answer = await exchange(socket, requestText(built), {
        clock,
        answerByMs: limits.answerByMs,
        progressOf,
      });
      if (typeof answer === 'string') return { kind: 'unknown', reason: answer };
      return interpretAnswer(answer, clock.nowMs(), request).outcome;
    } finally {
      socket.destroy();
    }
  }
}

function interpretOpen(answer: HttpAnswer, nowMs: number, request: TokenRequest): InterpretedAnswer {
  return interpretAnswer(
    { ...answer, ...(!answer.complete && { cutOffBy: 'connection-closed' }) },
    nowMs,
    request,
  );
}

/** The last characters of what can be closed: JSON, a call around it, a string, a comment, an end in base64. */
const CLOSING = /[}\])"';>=]\s*$/;

/** False for what is cut off at a glance, so that it need not be read at every piece that comes. */
function mayEnd(body: Buffer): boolean {
  const [first = 0x20] = body;
  const isPacked =
    first < 0x09 || first > 0x7e || (first > 0x0d && first < 0x20) || first === 0x78 || first === 0x28;
  return isPacked || CLOSING.test(body.toString('latin1', Math.max(0, body.length - 64)));
}

/**
 * A pair in an object that is closed is a complete answer, whatever the connection does; so is a definite error,
 * after a moment. A 2xx without either may be a sign of life before the answer: the connection decides. Where the
 * stated length was reached inside a value, it was wrong.
 */
function progress({ status, complete }: HttpAnswer, { outcome, isWhole }: InterpretedAnswer): AnswerProgress {
  switch (outcome.kind) {
    case 'success':
      return isWhole ? 'complete' : 'open';
    case 'throttled':
    case 'refused':
    case 'refused-grant':
    case 'refused-client':
      return complete ? 'complete' : isWhole ? 'settling' : 'open';
    case 'garbled':
    case 'unknown':
    case 'not-sent':
      if (!complete) return 'open';
      return isWhole || status < 200 || status >= 300 ? 'complete' : 'settling';
  }
}
