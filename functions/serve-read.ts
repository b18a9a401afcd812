import { errorFields, type Log } from '../shared/log/log.ts';
import { examineRead, isReadExamination, type ReadExaminationContext } from '../shared/read/examine-read.ts';
import { ReadError } from '../shared/read/read-error.ts';
import { parseDirect, renderToken } from '../shared/read/read-messages.ts';
import { type ReadContext, readToken } from '../shared/read/read-token.ts';
import { isHttp, parseHttp, problemResponse, tokenResponse } from './http-messages.ts';

/**
 * Serves the current token over HTTP (API Gateway, payload format 2.0) or to a direct invoke. Rejects with
 * {@link ReadError}, and as the stores and the refresh function do; {@link describeReadError} makes answers of those.
 */
export function serveRead(context: ServeContext): (event: unknown) => Promise<unknown> {
  return (event) => (isHttp(event) ? overHttp(context, event) : directly(context, event));
}

/** What the read function works with, at both doors. */
export interface ServeContext extends ReadContext {
  readonly sealer: ReadContext['sealer'] & ReadExaminationContext['sealer'];
}

async function overHttp(context: ReadContext, input: unknown) {
  const { event, request } = parseHttp(input);
  const token = await readToken(context, request);
  const nowMs = context.clock.nowMs();
  return tokenResponse(event, renderToken(token, nowMs), token.pair.refreshAfterMs, nowMs);
}

async function directly(context: ServeContext, event: unknown) {
  if (isReadExamination(event)) return examineRead(context);
  return renderToken(await readToken(context, parseDirect(event)), context.clock.nowMs());
}

/** What the caller of `event` hears of an error: a problem over HTTP, `{"error": …}` at a direct invoke. */
export function describeReadError(log: Log, error: unknown, event: unknown): unknown {
  const known = asReadError(log, error);
  if (isHttp(event)) return problemResponse(known);
  const { code, message, retryAfterSeconds } = known;
  return { error: { code, message, retry_after: retryAfterSeconds } };
}

/** A store or the refresh function failed: the caller hears that it is temporary, the log hears which. */
function asReadError(log: Log, error: unknown): ReadError {
  if (error instanceof ReadError) return error;
  log.error('read failed', errorFields(error));
  return ReadError.unavailable();
}
