import { CLIENT_AUTH_TRAITS, type ClientAuth, type ClientAuthPart } from '../token-endpoint/client-auth.ts';
import type { Grant } from '../token-endpoint/grant.ts';
import { privateKeyIn } from '../token-endpoint/request/key-material.ts';
import type { ClientMember, StoredClient } from '../vault/stored-client.ts';
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
  const { client_id, username, password } = client;
  const lacksToken = grant === 'refresh_token' && refreshToken === undefined;
  const logsInOnce = lacksToken && canLogIn && (username !== undefined || password !== undefined);
  if (grant === 'password' || logsInOnce) assertLogin(client);
  if (client_id === undefined && (clientAuth !== 'none' || username === undefined)) {
    throw wrong('client.client_id', 'is missing; expected the id that the provider gave to this client');
  }
  assertClientParts(clientAuth, client);
  if (lacksToken && !logsInOnce) {
    throw wrong(
      'refresh_token',
      'is missing; expected the one that the provider issued with the credentials',
    );
  }
}

/** The members without which a client is not whole, and whether it has them all. Pure. */
export function wholeClient(
  { grant, clientAuth }: Pick<GivenSecrets, 'grant' | 'clientAuth'>,
  client: StoredClient,
): { readonly parts: readonly ClientMember[]; readonly isWhole: boolean } {
  const isUser = clientAuth === 'none' && (grant === 'password' || client.username !== undefined);
  const own = CLIENT_AUTH_TRAITS[clientAuth].needs;
  const others: ClientMember[] = [
    ...(isUser ? [] : (['client_id'] as const)),
    ...(grant === 'password' ? (['username', 'password'] as const) : []),
  ];
  const isWhole =
    own.every((part) => hasPart(clientAuth, part, client)) &&
    others.every((part) => client[part] !== undefined);
  return { parts: [...new Set([...others, ...own])], isWhole };
}

/** Throws {@link AdminError} for a whole client that lacks what its authentication needs. */
export function assertClientParts(clientAuth: ClientAuth, client: StoredClient): void {
  for (const part of CLIENT_AUTH_TRAITS[clientAuth].needs) {
    if (!hasPart(clientAuth, part, client)) {
      throw wrong(`client.${part}`, `is missing; client_auth ${clientAuth} needs it`);
    }
  }
  assertNoEmptySecret(clientAuth, client);
}

/** Throws {@link AdminError} for an empty client secret, where the client authentication takes none. */
export function assertNoEmptySecret(clientAuth: ClientAuth, { client_secret }: StoredClient): void {
  if (client_secret !== '' || CLIENT_AUTH_TRAITS[clientAuth].takesEmptySecret) return;
  throw wrong('client.client_secret', `expected one that is not empty; client_auth ${clientAuth} needs it`);
}

function hasPart(clientAuth: ClientAuth, part: ClientAuthPart, client: StoredClient): boolean {
  if (client[part] !== undefined) return true;
  const { certificate } = client;
  const lies = part === 'private_key' && clientAuth === 'tls' && certificate !== undefined;
  return lies && privateKeyIn(certificate) !== undefined;
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
