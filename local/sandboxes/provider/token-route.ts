import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock/clock.ts';
import type { FaultKind } from './faults.ts';
import { type Answer, errorAnswer, jsonAnswer, readBody, send } from './http-answer.ts';
import type { Arrival } from './sandbox-state.ts';
import { TokenError, type TokenErrorCode, TooManyTokensError } from './token-error.ts';
import type { TokenHttpRequest } from './token-form.ts';

/** What happened to a token request, for somebody who watches. Nothing secret, nothing the client sent. */
export type TokenEvent =
  | { readonly type: 'issued'; readonly expiresInSeconds?: number }
  | { readonly type: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly type: 'refused'; readonly error: TokenErrorCode }
  | { readonly type: 'fault'; readonly kind: FaultKind };

/** The JSON of a 200. */
export interface TokenBody {
  readonly expires_in?: number;
  readonly [member: string]: unknown;
}

export interface TokenRouteParts {
  /** Named in the challenge of a 401. */
  readonly realm: string;
  /** Counts a request, and says what meets it. */
  arrive(): Arrival;
  /** Answers a request that has been read. Throws {@link TokenError}. */
  exchange(request: TokenHttpRequest): TokenBody;
  /** What a request over the quota is answered. Absent: 429 with `Retry-After`. */
  readonly throttledAnswer?: { readonly status: number; readonly body: object };
  readonly clock: Clock;
  readonly report: (event: TokenEvent) => void;
}

/**
 * A token endpoint. The request arrives, and counts, before its body is read. A fault that is
 * due strikes either before the request is processed (`drop-request`, `http-503`, `http-429`) or after it,
 * the refresh token being spent by then (`drop-response`, `slow`, `malformed`), whatever the answer was.
 */
export async function answerTokenRequest(
  request: IncomingMessage,
  response: ServerResponse,
  parts: TokenRouteParts,
): Promise<void> {
  const arrival = parts.arrive();
  const { fault } = arrival;
  if (fault) parts.report({ type: 'fault', kind: fault.kind });

  if (fault?.kind === 'drop-request') return void request.socket.destroy();
  if (fault?.kind === 'http-503') {
    return send(response, errorAnswer(503, 'temporarily_unavailable', 'an injected fault; try again later'));
  }
  if (fault?.kind === 'http-429') return send(response, tooManyRequests(wholeSeconds(fault.ms ?? 0)));

  const answer = arrival.admitted ? await exchange(request, parts) : throttle(arrival, parts);

  if (fault?.kind === 'drop-response') return void request.socket.destroy();
  if (fault?.kind === 'slow') await sleepWhileConnected(response, parts.clock, fault.ms ?? 0);
  send(response, fault?.kind === 'malformed' ? cutOff(answer) : answer);
}

function throttle(
  { retryAfterMs }: Pick<Arrival, 'retryAfterMs'>,
  { report, throttledAnswer }: TokenRouteParts,
): Answer {
  const retryAfterSeconds = wholeSeconds(retryAfterMs);
  report({ type: 'throttled', retryAfterSeconds });
  if (throttledAnswer) return jsonAnswer(throttledAnswer.status, throttledAnswer.body);
  return tooManyRequests(retryAfterSeconds);
}

async function exchange(request: IncomingMessage, parts: TokenRouteParts): Promise<Answer> {
  const { report } = parts;
  if (request.method !== 'POST') {
    return errorAnswer(405, 'invalid_request', 'method: expected POST', { Allow: 'POST' });
  }
  const body = await readBody(request);
  try {
    const { 'content-type': contentType, authorization } = request.headers;
    const query = (request.url ?? '').split('?', 2)[1];
    const tokens = parts.exchange({ contentType, authorization, body, query });
    report({ type: 'issued', expiresInSeconds: tokens.expires_in });
    return jsonAnswer(200, tokens);
  } catch (error) {
    if (error instanceof TooManyTokensError) return throttle(error, parts);
    if (!(error instanceof TokenError)) throw error;
    report({ type: 'refused', error: error.code });
    const challenge: Record<string, string> =
      error.status === 401 ? { 'WWW-Authenticate': `Basic realm="${parts.realm}"` } : {};
    return errorAnswer(error.status, error.code, error.message, challenge);
  }
}

function tooManyRequests(retryAfterSeconds: number): Answer {
  return errorAnswer(429, 'too_many_requests', 'more token requests than the quota allows; see Retry-After', {
    'Retry-After': `${retryAfterSeconds}`,
  });
}

/** Rounded up, at least 1: whoever waits that long has waited long enough. */
const wholeSeconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

/** Complete as HTTP, cut off as JSON: what a proxy that gave up half-way leaves of an answer. */
const cutOff = (answer: Answer): Answer => ({
  ...answer,
  body: answer.body.slice(0, answer.body.length / 2),
});

async function sleepWhileConnected(response: ServerResponse, clock: Clock, ms: number): Promise<void> {
  if (response.destroyed) return;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  await clock.sleep(ms, gone.signal);
}
