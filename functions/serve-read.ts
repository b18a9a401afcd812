import { errorFields, type Log } from '../shared/log/log.ts';
import { ReadError } from '../shared/read/read-error.ts';
import { parseDirect, renderToken } from '../shared/read/read-messages.ts';
import { type ReadContext, readToken } from '../shared/read/read-token.ts';
import { isHttp, parseHttp, problemResponse, tokenResponse } from './http-messages.ts';

/** Serves the current token over HTTP (API Gateway, payload format 2.0) or to a direct invoke. Never rejects. */
export function serveRead(context: ReadContext, log: Log): (event: unknown) => Promise<unknown> {
  return (event) => (isHttp(event) ? overHttp(context, log, event) : directly(context, log, event));
}

async function overHttp(context: ReadContext, log: Log, input: unknown) {
  try {
    const { event, request } = parseHttp(input);
    const token = await readToken(context, request);
    const nowMs = context.clock.nowMs();
    return tokenResponse(event, renderToken(token, nowMs), token.pair.refreshAfterMs, nowMs);
  } catch (error) {
    return problemResponse(asReadError(log, error));
  }
}

async function directly(context: ReadContext, log: Log, event: unknown) {
  try {
    return renderToken(await readToken(context, parseDirect(event)), context.clock.nowMs());
  } catch (error) {
    const { code, message, retryAfterSeconds } = asReadError(log, error);
    return { error: { code, message, retry_after: retryAfterSeconds } };
  }
}

/** A store or the refresh function failed: the caller hears that it is temporary, the log hears which. */
function asReadError(log: Log, error: unknown): ReadError {
  if (error instanceof ReadError) return error;
  log.error('read failed', errorFields(error));
  return ReadError.unavailable();
}
