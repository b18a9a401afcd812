import type { ClientAuth, Grant } from '../token-endpoint/token-endpoint.ts';
import type { StoredClient } from '../vault/client-secrets.ts';
import { AdminError } from './admin-error.ts';

/** A request's secrets, and what will be done with them. */
interface GivenSecrets {
  readonly grant: Grant;
  readonly clientAuth: ClientAuth;
  readonly client: StoredClient;
  readonly refreshToken?: string;
  /** The provider takes a user name and a password: one login of them replaces a refresh token. */
  readonly canLogIn: boolean;
}

/** Throws {@link AdminError} that names the first secret which the grant or the client authentication lacks. */
export function assertSecrets({ grant, clientAuth, client, refreshToken, canLogIn }: GivenSecrets): void {
  const { client_id, client_secret, username, password } = client;
  const lacksToken = grant === 'refresh_token' && refreshToken === undefined;
  const logsInOnce = lacksToken && canLogIn && (username !== undefined || password !== undefined);
  if (grant === 'password' || logsInOnce) assertLogin(client);
  if (client_id === undefined && (clientAuth !== 'none' || username === undefined)) {
    throw wrong('client.client_id', 'is missing; only a provider that knows no clients can do without');
  }
  if (clientAuth !== 'none' && client_secret === undefined) {
    throw wrong('client.client_secret', `is missing; client_auth ${clientAuth} needs it`);
  }
  if (lacksToken && !logsInOnce) {
    throw wrong('refresh_token', 'is missing; get a new one from the provider');
  }
}

function assertLogin({ username, password, network }: StoredClient): void {
  if (username === undefined) throw wrong('client.username', 'is missing; a login needs it');
  if (password === undefined) throw wrong('client.password', 'is missing; a login needs it');
  if (network !== undefined && username.includes('/')) {
    throw wrong('client.network', 'the user name has a network in it already; leave one of them out');
  }
}

function wrong(field: string, message: string): AdminError {
  return new AdminError('invalid-request', `${field}: ${message}.`, { field });
}
