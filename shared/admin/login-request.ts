import type { CredentialSettings } from '../credential/settings.ts';
import { loginInWords, loginRemedy } from '../failure/login-refusals.ts';
import { LoginRefusedError } from '../refresh-service/refresh-service.ts';
import { Secret } from '../secret/secret.ts';
import type { Grant, LoginCode } from '../token-endpoint/token-endpoint.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import type { GivenCode } from './request.ts';

/**
 * The login to make once, and what of the client secret is stored: a credential that lives on its refresh token
 * alone keeps no password. Pure.
 */
export function oneLogin(
  grant: CredentialSettings['grant'],
  client: StoredClient,
  refreshToken: string | undefined,
): { readonly login?: StoredClient; readonly kept: StoredClient } {
  if (grant !== 'refresh_token' || client.password === undefined) return { kept: client };
  const { password: _, ...kept } = client;
  return refreshToken === undefined ? { login: client, kept } : { kept };
}

function remedyOfCode(
  code: LoginCode,
  { outcome, reason }: Pick<LoginRefusedError, 'outcome' | 'reason'>,
): string | undefined {
  if (reason === 'access_denied') return 'The person refused it. Log in again with renova login.';
  if (outcome !== 'refused-grant') return undefined;
  return 'deviceCode' in code ? 'Log in again with renova login: its code is over.' : LOG_IN_AGAIN;
}

function notYet(code: 'login-pending' | 'login-slow-down'): AdminError {
  return new AdminError(code, 'The person has not decided yet; nothing was changed.', { field: 'code' });
}

const LOG_IN_AGAIN =
  'Log in again with renova login: a code is good once, for a minute or so, for the client and the address it was asked for.';

/** The code of a request, to be exchanged; undefined: there is none. Throws {@link AdminError} beside a refresh token. */
export function codeOf(
  given: GivenCode,
  grant: Grant,
  refreshToken: string | undefined,
): LoginCode | undefined {
  if (!given) return undefined;
  if (grant !== 'refresh_token') {
    throw new AdminError(
      'invalid-request',
      'code: brings a refresh token, and this grant lives without; leave it out.',
      { field: 'code' },
    );
  }
  if (refreshToken !== undefined) {
    throw new AdminError(
      'invalid-request',
      'code: brings a refresh token, and one is given; leave one out.',
      { field: 'code' },
    );
  }
  if ('device_code' in given) return { deviceCode: new Secret(given.device_code) };
  const { code, redirect_uri: redirectUri, code_verifier: codeVerifier } = given;
  return { code: new Secret(code), redirectUri, codeVerifier: new Secret(codeVerifier) };
}

/** Puts a refused login into the operator's words; passes everything else on. */
export async function asOperatorError<Result>(work: Promise<Result>, code?: LoginCode): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof LoginRefusedError)) throw error;
    const { outcome, reason } = error;
    if (reason === 'authorization_pending') throw notYet('login-pending');
    if (reason === 'slow_down') throw notYet('login-slow-down');
    throw new AdminError(
      'login-refused',
      `The login brought no token: ${loginInWords({ outcome, reason })}.`,
      {
        field: code ? 'code' : 'client',
        remedy: (code && remedyOfCode(code, error)) ?? loginRemedy({ outcome, reason }),
      },
    );
  }
}
