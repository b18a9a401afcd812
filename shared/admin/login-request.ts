import type { CredentialSettings } from '../credential/settings.ts';
import { LoginRefusedError } from '../refresh-service/refresh-service.ts';
import type { StoredClient } from '../vault/client-secrets.ts';
import { AdminError } from './admin-error.ts';

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

/** Puts a refused login into the operator's words; passes everything else on. */
export async function asOperatorError<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof LoginRefusedError)) throw error;
    throw new AdminError('login-refused', `The provider did not log in (${error.reason}).`, {
      field: 'client',
      remedy: remedyOf(error),
    });
  }
}

function remedyOf({ outcome, reason }: LoginRefusedError): string {
  switch (outcome) {
    case 'refused-grant':
      return 'Check user name, password and network.';
    case 'refused-client':
    case 'refused':
      return 'Check user name, password, client id, client secret, client_auth, scope and token_url.';
    case 'no-permit':
    case 'throttled':
      return 'The provider allows no more requests just now; try again in a minute.';
    case 'not-sent':
      return 'The provider cannot be reached; check token_url.';
    default:
      return reason === 'no-refresh-token'
        ? 'It gave no refresh token; register with grant password, so that Renova may log in again by itself.'
        : 'The provider gave no usable answer; try again, and check token_url.';
  }
}
