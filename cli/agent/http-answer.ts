import type { ServerResponse } from 'node:http';
import type { Token, TokenError } from '../../client/index.ts';

/** An answer of the agent, still to be sent. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined: no body. */
  readonly body?: object;
}

/** A token as the read API answers it; 304 where the caller has it already. */
export function tokenAnswer(token: Token, nowMs: number, ifNoneMatch?: string): HttpAnswer {
  const { generation, expiresAtMs, holdUntilMs, issuedAtMs, fields, userAgent } = token;
  const maxAgeSeconds = Math.max(0, Math.floor((holdUntilMs - nowMs) / 1000));
  const headers = { 'cache-control': `private, max-age=${maxAgeSeconds}`, etag: `"${generation}"` };
  if (isKnown(generation, ifNoneMatch)) return { status: 304, headers };
  const body = {
    access_token: token.accessToken,
    token_type: token.tokenType,
    scope: token.scope,
    issued_at: issuedAtMs === undefined ? undefined : timeStamp(issuedAtMs),
    expires_at: timeStamp(expiresAtMs),
    expires_in: Math.max(0, Math.floor((expiresAtMs - nowMs) / 1000)),
    refresh_after: timeStamp(holdUntilMs),
    generation,
    user_agent: userAgent,
    fields,
  };
  return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body };
}

/** An error in the form of RFC 9457. */
export function problem(
  status: number,
  code: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const type = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  const body = { type: 'about:blank', title: code.replaceAll('-', ' '), status, code, detail };
  return { status, headers: { ...type, ...headers }, body };
}

/** The status that the read API gives a code, or that says whose fault the others are. */
const STATUS_OF: Readonly<Record<string, number>> = {
  'invalid-request': 400,
  forbidden: 403,
  'unknown-credential': 404,
  'credential-lapsed': 409,
  'credential-paused': 409,
  'min-ttl-unattainable': 422,
};
const RETRY_AFTER_SECONDS = 5;

/** The answer to a caller for whom there is no token. */
export function errorAnswer({ code, message, isTemporary, retryAfterSeconds }: TokenError): HttpAnswer {
  if (!isTemporary) return problem(STATUS_OF[code] ?? 502, code, message);
  return problem(503, code, message, { 'retry-after': String(retryAfterSeconds ?? RETRY_AFTER_SECONDS) });
}

/** Sends an answer, unless the connection has gone. Its line ends, so that the prompt after a `curl` begins on the next. */
export function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  if (response.destroyed) return;
  response.writeHead(status, headers).end(body === undefined ? undefined : `${JSON.stringify(body)}\n`);
}

function isKnown(generation: number, ifNoneMatch = ''): boolean {
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(`"${generation}"`);
}

function timeStamp(ms: number): string {
  return new Date(ms).toISOString();
}
