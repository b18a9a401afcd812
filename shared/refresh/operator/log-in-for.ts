import type { CredentialSettings } from '../../credential/settings.ts';
import type { Secret } from '../../secret/secret.ts';
import type { LoginCode } from '../../token-endpoint/token-endpoint.ts';
import { clientSecretOf, type StoredClient } from '../../vault/stored-client.ts';
import type { Invocation, RefreshContext } from '../context.ts';
import { logIn, type RefusedLogin } from './log-in.ts';

/** The refresh token that a chain begins with, or why there is none. */
export type FirstToken =
  | { readonly refreshToken?: Secret; readonly refused?: undefined }
  | { readonly refused: RefusedLogin };

/** Logs in for a chain whose password is not kept: only the refresh token of the answer is of use. */
export async function firstToken(
  context: RefreshContext,
  invocation: Invocation,
  settings: CredentialSettings,
  login: StoredClient,
  code?: LoginCode,
): Promise<FirstToken> {
  const app = settings.app === undefined ? undefined : await context.clientSecrets.stored(settings);
  const { response, refused } = await logIn(context, invocation, {
    settings,
    client: clientSecretOf({ ...app, ...login }),
    code,
  });
  if (refused) return { refused };
  const { refreshToken } = response;
  return refreshToken ? { refreshToken } : { refused: { outcome: 'garbled', reason: 'no-refresh-token' } };
}

/** The same for a credential that exists: what `login` leaves out is in its client secret. */
export async function nextToken(
  context: RefreshContext,
  invocation: Invocation,
  credential: string,
  login: StoredClient,
  code?: LoginCode,
): Promise<FirstToken> {
  const record = await context.ledger.load(credential);
  if (!record || record.state === 'removed') return {};
  const stored = await context.clientSecrets.stored(record);
  return firstToken(context, invocation, record, { ...stored, ...login }, code);
}
