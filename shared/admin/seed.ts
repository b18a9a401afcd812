import type { LivingToken, SeedLife } from '../refresh/operator/seed-chain.ts';
import { Secret } from '../secret/secret.ts';
import { AdminError } from './admin-error.ts';

interface GivenLife {
  readonly refresh_token?: string | undefined;
  readonly refresh_token_issued_at?: number | undefined;
  readonly refresh_token_expires_at?: number | undefined;
  /** The refresh token is still to be asked for. */
  readonly check?: boolean;
}

/**
 * When the life of a refresh token that is given began and ends (epoch ms). Throws {@link AdminError} for moments that
 * no living refresh token has.
 */
export function seedLifeOf(given: GivenLife, nowMs: number): SeedLife {
  const { refresh_token_issued_at: issuedAtMs, refresh_token_expires_at: expiresAtMs } = given;
  const field = issuedAtMs === undefined ? 'refresh_token_expires_at' : 'refresh_token_issued_at';
  if ((issuedAtMs ?? expiresAtMs) !== undefined && given.refresh_token === undefined && !given.check) {
    throw wrong(field, 'says something of a refresh token, and none is given; leave it out');
  }
  if (issuedAtMs !== undefined && issuedAtMs > nowMs) {
    throw wrong('refresh_token_issued_at', 'lies in the future; give when the provider issued the token');
  }
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw wrong('refresh_token_expires_at', 'has passed; get a new refresh token from the provider');
  }
  return { issuedAtMs, expiresAtMs };
}

interface GivenToken {
  readonly refresh_token?: string | undefined;
  readonly access_token?: string | undefined;
  readonly expires_at?: number | undefined;
}

/** The access token that is taken over with its refresh token. Throws {@link AdminError} for half of a pair. */
export function livingTokenOf(given: GivenToken, nowMs: number): LivingToken | undefined {
  const { refresh_token, access_token, expires_at: expiresAtMs } = given;
  if (access_token === undefined) {
    if (expiresAtMs === undefined) return undefined;
    throw wrong('expires_at', 'says when access_token ends, and none is given; leave it out');
  }
  if (refresh_token === undefined) {
    throw wrong(
      'refresh_token',
      'is missing; an access token is taken over with the refresh token of its pair',
    );
  }
  if (expiresAtMs === undefined) throw wrong('expires_at', 'is missing; say when the access token ends');
  if (expiresAtMs <= nowMs) {
    throw wrong('expires_at', 'has passed; leave out access_token and expires_at for a first refresh');
  }
  return { accessToken: new Secret(access_token), expiresAtMs };
}

function wrong(field: string, message: string): AdminError {
  return new AdminError('invalid-request', `${field}: ${message}.`, { field });
}
