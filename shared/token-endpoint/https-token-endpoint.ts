import { type IncomingMessage, request as startRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../clock/clock.ts';
import type { FailureReason } from '../failure/reasons.ts';
import { MAX_BODY_BYTES } from './answer-text.ts';
import { failureReason } from './failure-reason.ts';
import { type FreshSocketOptions, openFreshSocket } from './fresh-socket.ts';
import type { Outcome, PostLimits, TokenEndpoint, TokenRequest } from './token-endpoint.ts';
import { type BuiltTokenRequest, buildTokenRequest, outcomeOfUnbuildable } from './token-request.ts';
import { classifyAnswer, type RawAnswer } from './token-response.ts';
import { unparsedAnswer } from './unparsed-answer.ts';

export type HttpsTokenEndpointOptions = Pick<FreshSocketOptions, 'clock' | 'ca'>;

/**
 * Posts over HTTP/1.1 (plain http to loopback only), one new connection for each request, never resent, no
 * redirect followed, closed afterwards.
 *
 *     connect ── TLS ──┬── write request ──────────┬── read answer ──┐
 *     not-sent ────────┘ sendByMs checked here     │                 │
 *                        unknown ──────────────────┘                 │
 *                                     what came until then, classified ── answerByMs
 */
export class HttpsTokenEndpoint implements TokenEndpoint {
  readonly #options: HttpsTokenEndpointOptions;

  constructor(options: HttpsTokenEndpointOptions) {
    this.#options = options;
  }

  async post(request: TokenRequest, limits: PostLimits): Promise<Outcome> {
    let built: BuiltTokenRequest;
    try {
      built = await buildTokenRequest(request);
    } catch (error) {
      return outcomeOfUnbuildable(error);
    }
    const { clock, ca } = this.#options;
    const byMs = Math.min(limits.sendByMs, limits.answerByMs);
    const { socket, reason } = await openFreshSocket(built.url, { clock, ca, byMs });
    if (socket === undefined) return { kind: 'not-sent', reason };
    try {
      if (clock.monotonicMs() >= byMs) return { kind: 'not-sent', reason: 'send-deadline' };
      if (socket.destroyed) return { kind: 'not-sent', reason: 'connection-closed' };
      const answer = await exchange(socket, built, clock, limits.answerByMs);
      return typeof answer === 'string'
        ? { kind: 'unknown', reason: answer }
        : classifyAnswer(answer, clock.nowMs());
    } finally {
      socket.destroy();
    }
  }
}

/** Writes the request and reads what comes until the answer ends, breaks off or is late; or the reason for nothing. */
async function exchange(
  socket: Socket,
  built: BuiltTokenRequest,
  clock: Clock,
  answerByMs: number,
): Promise<RawAnswer | FailureReason> {
  const timer = new AbortController();
  const { promise: ended, resolve: end } = Promise.withResolvers<FailureReason | undefined>();
  // A turn of the event loop later, so that bytes that have already arrived are read before the post is given
  // up: after a freeze the deadline and the answer are both waiting, and timers run first (I3).
  const breakOff = (reason: FailureReason) => setImmediate(end, reason);
  let answer: { readonly message: IncomingMessage; readonly body: BoundedBody } | undefined;
  const outgoing = startRequest({
    // An agent would keep the socket, or open another one; without one, `Connection: close` is sent.
    createConnection: () => socket,
    method: built.method,
    path: `${built.url.pathname}${built.url.search}`,
    headers: wireHeaders(built),
    // Lenient, like everything that reads an answer: the connection carries no second one to be confused with.
    insecureHTTPParser: true,
    maxHeaderSize: MAX_BODY_BYTES,
  });
  let unparsed: RawAnswer | undefined;
  outgoing.on('error', (error) => {
    const reason = failureReason(error, 'connection-failed');
    unparsed ??= unparsedAnswer(error, reason);
    breakOff(reason);
  });
  outgoing.on('close', () => breakOff('connection-closed'));
  outgoing.on('response', (message) => {
    const body = new BoundedBody();
    answer = { message, body };
    message.on('data', (chunk: Buffer) => {
      if (body.add(chunk)) end('too-long');
    });
    message.on('error', (error) => breakOff(failureReason(error, 'connection-failed')));
    message.on('end', () => end(message.complete ? undefined : 'connection-closed'));
  });
  outgoing.end(built.body.reveal());
  void clock.sleep(answerByMs - clock.monotonicMs(), timer.signal).then(() => breakOff('answer-deadline'));

  const cutOffBy = await ended;
  timer.abort();
  outgoing.destroy();
  if (answer === undefined) return unparsed ?? cutOffBy ?? 'connection-closed';
  const { message, body } = answer;
  return { status: message.statusCode ?? 0, headers: message.headers, body: body.bytes(), cutOffBy };
}

function wireHeaders({ url, headers, authorization, body }: BuiltTokenRequest): Record<string, string> {
  return {
    host: url.host,
    ...headers,
    ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
    'content-length': String(Buffer.byteLength(body.reveal())),
  };
}

/** Collects the first {@link MAX_BODY_BYTES} of a body. */
class BoundedBody {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  /** True once there is more than is kept. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk.subarray(0, Math.max(MAX_BODY_BYTES - this.#length, 0)));
    this.#length = Math.min(this.#length + chunk.length, MAX_BODY_BYTES + 1);
    return this.#length > MAX_BODY_BYTES;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
