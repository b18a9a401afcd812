import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { errorFields } from '../shared/log/log.ts';
import { ReadError } from '../shared/read/read-error.ts';
import { parseDirect, renderToken } from '../shared/read/read-messages.ts';
import { type ReadContext, type ReadRequest, readToken } from '../shared/read/read-token.ts';
import { readEnvironment } from './environment.ts';
import { type HttpEvent, isHttpEvent, parseHttp, problemResponse, tokenResponse } from './read-http.ts';
import { readContext } from './wiring.ts';

const logger = new Logger({ serviceName: 'renova-read' });
let context: ReadContext | undefined;

/** Serves the current token: over HTTP (API Gateway, payload 2.0) or to a direct invoke. */
async function read(event: unknown): Promise<unknown> {
  context ??= readContext(readEnvironment());
  return isHttpEvent(event) ? overHttp(context, event) : directly(context, event);
}

async function overHttp(reading: ReadContext, event: HttpEvent) {
  try {
    const request = parseHttp(event);
    const token = await readToken(reading, request);
    return tokenResponse(
      event,
      renderToken(token, reading.clock.nowMs()),
      token.pair.refreshAfterMs,
      reading.clock.nowMs(),
    );
  } catch (error) {
    return problemResponse(asReadError(error));
  }
}

async function directly(reading: ReadContext, event: unknown) {
  try {
    const request: ReadRequest = parseDirect(event);
    return renderToken(await readToken(reading, request), reading.clock.nowMs());
  } catch (error) {
    const { code, message, retryAfterSeconds } = asReadError(error);
    return { error: { code, message, retry_after: retryAfterSeconds } };
  }
}

/** A store or the refresh function failed: the caller hears that it is temporary, the log hears which. */
function asReadError(error: unknown): ReadError {
  if (error instanceof ReadError) return error;
  logger.error('read failed', errorFields(error));
  return new ReadError(
    'provider-unavailable',
    'A store that Renova depends on does not answer. Ask again.',
    5,
  );
}

export const handler = middy(read);
