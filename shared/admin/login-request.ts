import type { CredentialSettings } from '../credential/settings.ts';
import { loginInWords, loginRemedy } from '../failure/login-refusals.ts';
import { LoginRefusedError } from '../refresh-service/refresh-service.ts';
import type { StoredClient } from '../vault/stored-client.ts';
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
    const { outcome, reason } = error;
    throw new AdminError(
      'login-refused',
      `The login brought no token: ${loginInWords({ outcome, reason })}.`,
      {
        field: 'client',
        remedy: loginRemedy({ outcome, reason }),
      },
    );
  }
}
