import * as v from 'valibot';
import { ReadError } from '../shared/read/read-error.ts';
import { parseDirect, type renderToken } from '../shared/read/read-messages.ts';
import type { ReadRequest } from '../shared/read/read-token.ts';

/** The part of an HTTP API event (payload format 2.0) that is used here. */
const HttpEvent = v.object({
  version: v.literal('2.0'),
  routeKey: v.string(),
  headers: v.optional(v.record(v.string(), v.optional(v.string())), {}),
  queryStringParameters: v.optional(v.record(v.string(), v.optional(v.string())), {}),
  pathParameters: v.optional(v.record(v.string(), v.optional(v.string())), {}),
  body: v.optional(v.string()),
  isBase64Encoded: v.optional(v.boolean(), false),
});
export type HttpEvent = v.InferOutput<typeof HttpEvent>;

const RefusedBody = v.object({ generation: v.pipe(v.number(), v.integer()) });

export const READ_ROUTE = 'GET /tokens/{credential}';
export const REFUSED_ROUTE = 'POST /tokens/{credential}/refused';

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** True for an event of the HTTP API, false for a direct invoke. */
export function isHttpEvent(event: unknown): event is HttpEvent {
  return v.is(HttpEvent, event);
}

/** The request of an HTTP event. Throws {@link ReadError} `invalid-request`. */
export function parseHttp(event: HttpEvent): ReadRequest {
  const credential = event.pathParameters?.credential;
  if (event.routeKey === REFUSED_ROUTE) {
    return parseDirect({ credential, refused_generation: generationOf(event) });
  }
  const minTtl = event.queryStringParameters?.min_ttl;
  if (minTtl !== undefined && !/^\d{1,9}$/.test(minTtl)) {
    throw ReadError.invalidRequest('min_ttl', 'a number of seconds');
  }
  return parseDirect({ credential, min_ttl: minTtl === undefined ? undefined : Number(minTtl) });
}

/** The token, or 304 when the caller has this generation. It may be held until `refresh_after`. */
export function tokenResponse(
  event: HttpEvent,
  token: ReturnType<typeof renderToken>,
  refreshAfterMs: number,
  nowMs: number,
): HttpResponse {
  const maxAge = Math.max(0, Math.min(Math.floor((refreshAfterMs - nowMs) / 1000), token.expires_in));
  const etag = `"${token.generation}"`;
  const headers = { 'cache-control': `private, max-age=${maxAge}`, etag };
  if (event.routeKey === READ_ROUTE && matches(event.headers?.['if-none-match'], etag)) {
    return { statusCode: 304, headers };
  }
  return {
    statusCode: 200,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(token),
  };
}

/** RFC 9457, with the stable `code`. */
export function problemResponse(error: ReadError): HttpResponse {
  const retry = error.retryAfterSeconds;
  return {
    statusCode: error.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    },
    body: JSON.stringify({
      type: 'about:blank',
      title: error.code.replaceAll('-', ' '),
      status: error.status,
      code: error.code,
      detail: error.message,
    }),
  };
}

/** RFC 9110 §13.1.2: `*` or a list of tags, compared weakly, because caches on the way may weaken them. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

function generationOf(event: HttpEvent): number {
  const text = event.isBase64Encoded
    ? Buffer.from(event.body ?? '', 'base64').toString()
    : (event.body ?? '');
  const body = v.safeParse(v.pipe(v.string(), v.parseJson(), RefusedBody), text);
  if (!body.success)
    throw ReadError.invalidRequest('generation', 'a whole number, in JSON: {"generation": N}');
  return body.output.generation;
}
