import { Secret } from '../../secret/secret.ts';
import type { TokenResponse } from '../token-endpoint.ts';
import { AnswerFields } from './answer-fields.ts';
import type { FoundTokens, Members } from './find-tokens.ts';
import { isArray, type JsonValue } from './json-values.ts';
import { accessTokenSeconds, refreshTokenSeconds } from './stated-lives.ts';
import { plain } from './token-names.ts';

const TOKEN_TYPE = /^[A-Za-z0-9._~+/-]{1,64}$/;

/**
 * A token response (RFC 6749 §5.1) from the tokens that were found and the members around them. Everything but the
 * access token may be missing or odd: by now the refresh token is spent, so a strict reader would only lose the new
 * one. What is not understood is left out, `token_type` is then `Bearer`.
 *
 * @param root members of the object around the one with the access token: what only it has counts too.
 * @param nowMs when the answer was made (wall time): ends that are stated as moments count from there.
 */
export function tokenResponseFrom(
  { token, members }: NonNullable<FoundTokens['access']>,
  refresh: string | undefined,
  root: Members,
  nowMs: number,
): TokenResponse {
  const all: Members = new Map([...root, ...members]);
  const tokenType = memberOf(all, 'tokentype');
  return {
    accessToken: new Secret(token),
    refreshToken: refresh === undefined ? undefined : new Secret(refresh),
    tokenType: typeof tokenType === 'string' && TOKEN_TYPE.test(tokenType) ? tokenType : 'Bearer',
    scope: scope(memberOf(all, 'scope')),
    expiresInSeconds: accessTokenSeconds(members, nowMs) ?? accessTokenSeconds(root, nowMs),
    refreshTokenExpiresInSeconds: refreshTokenSeconds(members, nowMs) ?? refreshTokenSeconds(root, nowMs),
    networks: networks(memberOf(all, 'networknames')),
    fields: new AnswerFields([members, root], refresh === undefined ? [token] : [token, refresh]),
  };
}

/** `token_type`, or `tokenType`. */
function memberOf(members: Members, name: string): JsonValue | undefined {
  for (const [each, value] of members) if (plain(each) === name) return value;
  return undefined;
}

/** BrightSign Network sends an array. */
function scope(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  const entries = isArray(value) ? value.entries : undefined;
  if (!entries?.every((entry) => typeof entry === 'string')) return undefined;
  return entries.join(' ').trim() || undefined;
}

/** What is no name is left out: the list is for a person to choose from. */
function networks(value: JsonValue | undefined): readonly string[] | undefined {
  if (!isArray(value)) return undefined;
  return value.entries.filter((entry): entry is string => typeof entry === 'string' && entry.trim() !== '');
}
