import { Secret } from '../secret/secret.ts';
import type { TokenResponse } from './token-endpoint.ts';

/** What an answer says, whatever it was written in. */
export interface ReadObject {
  readonly members: ReadonlyMap<string, unknown>;
  /** False: there may be members that did not come. */
  readonly whole: boolean;
}

/**
 * Lifetimes above ten years are taken for a mistake: an `expires_in` that is a date (seconds since 1970) would be a
 * token that nobody refreshes for half a century.
 */
const MAX_LIFETIME_SECONDS = 10 * 366 * 24 * 3600;

const NUMBER_TEXT = /^\d+(?:\.\d+)?$/;
const TOKEN_TYPE = /^[A-Za-z0-9._~+/-]{1,64}$/;

/**
 * A token response (RFC 6749 §5.1) from the members of a JSON object, or undefined if it has no access token.
 * Everything but the access token may be missing or odd: by now the refresh token is spent, so a strict
 * reader would only lose the new one. What is not understood is left out, `token_type` is then `Bearer`.
 * `refresh_expires_in` is the name that Keycloak gives `refresh_token_expires_in`.
 */
export function tokenResponseFrom(members: ReadonlyMap<string, unknown>): TokenResponse | undefined {
  const accessToken = token(members.get('access_token'));
  if (accessToken === undefined) return undefined;
  const tokenType = members.get('token_type');
  return {
    accessToken,
    refreshToken: token(members.get('refresh_token')),
    tokenType: typeof tokenType === 'string' && TOKEN_TYPE.test(tokenType) ? tokenType : 'Bearer',
    scope: scope(members.get('scope')),
    expiresInSeconds: lifetimeSeconds(members.get('expires_in')),
    refreshTokenExpiresInSeconds:
      lifetimeSeconds(members.get('refresh_token_expires_in')) ??
      lifetimeSeconds(members.get('refresh_expires_in')),
    networks: networks(members.get('networkNames')),
  };
}

/** The refresh token alone: with it a chain goes on without the access token that did not come. */
export function refreshTokenFrom(members: ReadonlyMap<string, unknown>): Secret | undefined {
  return token(members.get('refresh_token'));
}

/** A token is never trimmed or altered; one of nothing but white space is none. */
function token(value: unknown): Secret | undefined {
  return typeof value === 'string' && value.trim() !== '' ? new Secret(value) : undefined;
}

/** BrightSign Network sends an array. */
function scope(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) return undefined;
  return value.join(' ').trim() || undefined;
}

/** What is no name is left out: the list is for a person to choose from. */
function networks(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((entry): entry is string => typeof entry === 'string' && entry.trim() !== '');
}

/** `"5m"` is absent, not 5: a wrong lifetime is worse than the provider's default. */
function lifetimeSeconds(value: unknown): number | undefined {
  const text = typeof value === 'string' ? value.trim() : undefined;
  const seconds = Math.floor(text !== undefined && NUMBER_TEXT.test(text) ? Number(text) : numberOf(value));
  return seconds > 0 && seconds <= MAX_LIFETIME_SECONDS ? seconds : undefined;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
