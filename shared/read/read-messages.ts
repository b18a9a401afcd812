import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';
import { ReadError } from './read-error.ts';
import type { ReadRequest } from './read-token.ts';
import type { CurrentToken } from './token-memory.ts';

const ID = 'an id that matches [a-z0-9][a-z0-9._-]{0,63}';
const SECONDS = 'a number of seconds, 0 or more';
const GENERATION = 'a whole number, 0 or more';
/** A generation as a reader states it: a number that JSON carries without loss. */
export const Generation = v.pipe(v.number(GENERATION), v.safeInteger(GENERATION), v.minValue(0, GENERATION));
const DirectRequest = v.object(
  {
    credential: v.pipe(v.string(ID), v.regex(CREDENTIAL_ID, ID)),
    min_ttl: v.optional(v.pipe(v.number(SECONDS), v.finite(SECONDS), v.minValue(0, SECONDS))),
    refused_generation: v.optional(Generation),
  },
  ({ path }) => (path ? ID : 'a JSON object'),
);

/** The request of a direct invoke. Throws {@link ReadError} `invalid-request`. */
export function parseDirect(input: unknown): ReadRequest {
  const parsed = v.safeParse(DirectRequest, input);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue) ?? 'event';
    throw ReadError.invalidRequest(field, issue.message);
  }
  const { credential, min_ttl, refused_generation } = parsed.output;
  return {
    credential,
    minTtlMs: min_ttl === undefined ? undefined : min_ttl * 1000,
    refusedGeneration: refused_generation,
  };
}

/** What both doors answer. Times are RFC 3339, UTC; `expires_in` whole seconds from now. */
export function renderToken(token: CurrentToken, nowMs: number) {
  const { pair, accessToken, userAgent } = token;
  return {
    access_token: accessToken.reveal(),
    token_type: pair.tokenType,
    scope: pair.scope ?? '',
    issued_at: new Date(pair.issuedAtMs).toISOString(),
    expires_at: new Date(pair.expiresAtMs).toISOString(),
    expires_in: Math.max(0, Math.floor((pair.expiresAtMs - nowMs) / 1000)),
    refresh_after: new Date(pair.refreshAfterMs).toISOString(),
    generation: pair.generation,
    ...(pair.fields && { fields: pair.fields }),
    ...(userAgent !== undefined && { user_agent: userAgent }),
  };
}

export type RenderedToken = ReturnType<typeof renderToken>;
