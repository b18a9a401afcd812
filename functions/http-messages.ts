import * as v from 'valibot';
import { ReadError } from '../shared/read/read-error.ts';
import { Generation, parseDirect, type RenderedToken } from '../shared/read/read-messages.ts';
import type { ReadRequest } from '../shared/read/read-token.ts';

const Text = v.optional(v.string());

/** The part of an HTTP API event (payload format 2.0) that is used here. */
const HttpEvent = v.object({
  version: v.literal('2.0'),
  routeKey: v.string(),
  rawPath: v.string(),
  headers: v.optional(v.record(v.string(), Text), {}),
  queryStringParameters: v.optional(v.record(v.string(), Text), {}),
  pathParameters: v.optional(v.record(v.string(), Text), {}),
  body: v.optional(v.string()),
  isBase64Encoded: v.optional(v.boolean(), false),
  requestContext: v.optional(v.object({ domainName: v.optional(v.string()) }), {}),
});
export type HttpEvent = v.InferOutput<typeof HttpEvent>;

const RefusedBody = v.object({ generation: Generation });
const MOST_BODY_BYTES = 1024;

export const READ_ROUTE = 'GET /tokens/{credential}';
export const REFUSED_ROUTE = 'POST /tokens/{credential}/refused';

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * True for an event of the HTTP API, whatever its form, and false for a direct invoke: who came by HTTP is answered by
 * HTTP, since API Gateway makes a 200 of anything else.
 */
export function isHttp(event: unknown): boolean {
  return typeof event === 'object' && event !== null && ('routeKey' in event || 'requestContext' in event);
}

/** The request of an HTTP event, and the event itself. Throws {@link ReadError} `invalid-request`. */
export function parseHttp(input: unknown): { readonly event: HttpEvent; readonly request: ReadRequest } {
  const parsed = v.safeParse(HttpEvent, input);
  if (!parsed.success) throw ReadError.invalidRequest('request', 'an HTTP request of payload format 2.0');
  const event = parsed.output;
  const credential = event.pathParameters.credential;
  const request =
    event.routeKey === REFUSED_ROUTE
      ? parseDirect({ credential, refused_generation: generationOf(event) })
      : parseDirect({ credential, min_ttl: minTtlOf(event) });
  assertExactPath(event, request.credential);
  return { event, request };
}

/**
 * IAM allows or denies the path as it was sent, and the function serves the credential that was decoded from it: one
 * that can be written in two ways could be read past a policy that names it.
 */
function assertExactPath(event: HttpEvent, credential: string): void {
  const expected = new Map([
    [READ_ROUTE, `/tokens/${credential}`],
    [REFUSED_ROUTE, `/tokens/${credential}/refused`],
  ]).get(event.routeKey);
  if (expected === undefined || withoutMappingKey(event, expected) !== expected) {
    throw ReadError.invalidRequest('path', 'exactly /tokens/{credential} or /tokens/{credential}/refused');
  }
}

/** The key of an API mapping: one or more plain segments, so that it is no second way to write what follows it. */
const MAPPING_KEY = /^(?:\/[A-Za-z0-9_-]+)+$/;

/**
 * The path without the key of the API mapping, which API Gateway leaves in `rawPath` when the request came by a custom
 * domain. IAM and the route never see that key. By the API's own host (`<api>.execute-api.…`) there is none.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
 */
function withoutMappingKey({ rawPath, requestContext }: HttpEvent, expected: string): string {
  const { domainName } = requestContext;
  if (!domainName || /^[^.]+\.execute-api\./.test(domainName) || !rawPath.endsWith(expected)) return rawPath;
  const key = rawPath.slice(0, -expected.length);
  return MAPPING_KEY.test(key) ? expected : rawPath;
}

/** The token, or 304 when the caller has this generation. It may be held until `refresh_after`. */
export function tokenResponse(
  event: HttpEvent,
  token: RenderedToken,
  refreshAfterMs: number,
  nowMs: number,
): HttpResponse {
  const maxAge = Math.max(0, Math.min(Math.floor((refreshAfterMs - nowMs) / 1000), token.expires_in));
  const etag = `"${token.generation}"`;
  const headers = { 'cache-control': `private, max-age=${maxAge}`, etag };
  if (event.routeKey === READ_ROUTE && matches(event.headers['if-none-match'], etag)) {
    return { statusCode: 304, headers };
  }
  return {
    statusCode: 200,
    headers: { ...headers, 'content-type': 'application/json' },
    body: jsonLine(token),
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
    body: jsonLine({
      type: 'about:blank',
      title: error.code.replaceAll('-', ' '),
      status: error.status,
      code: error.code,
      detail: error.message,
    }),
  };
}

/** The line ends, so that the prompt after a `curl` begins on the next. */
function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** RFC 9110 §13.1.2: `*` or a list of tags, compared weakly, because caches on the way may weaken them. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.some((tag) => tag.replace(/^W\//, '') === etag);
}

function minTtlOf({ queryStringParameters }: HttpEvent): number | undefined {
  const given = queryStringParameters.min_ttl;
  if (given === undefined) return undefined;
  if (!/^\d{1,9}$/.test(given)) throw ReadError.invalidRequest('min_ttl', 'a number of seconds');
  return Number(given);
}

function generationOf({ body: given = '', isBase64Encoded }: HttpEvent): number {
  const bytes = Buffer.from(given, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MOST_BODY_BYTES) {
    throw ReadError.invalidRequest('body', `at most ${MOST_BODY_BYTES} bytes`);
  }
  const body = v.safeParse(v.pipe(v.string(), v.parseJson(), RefusedBody), bytes.toString(), {
    abortEarly: true,
    abortPipeEarly: true,
  });
  if (!body.success)
    throw ReadError.invalidRequest('generation', 'a whole number, 0 or more, in JSON: {"generation": N}');
  return body.output.generation;
}
