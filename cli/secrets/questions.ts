import { profiles } from '../../shared/provider/profiles.ts';
import {
  CLIENT_AUTH_TRAITS,
  type ClientAuth,
  isClientAuth,
} from '../../shared/token-endpoint/client-auth.ts';
import type { Grant } from '../../shared/token-endpoint/grant.ts';
import { CommandFailure, UsageError } from '../errors.ts';
import { commandLine, type Target } from '../target.ts';
import type { Question } from './secrets-input.ts';

/** What decides which secrets a new credential needs. */
interface Login {
  readonly provider: string;
  readonly grant?: Grant;
  readonly clientAuth?: ClientAuth;
  /** Its client is kept already. */
  readonly app?: string | false;
}

/** What `register` asks for. Pure. */
export function questionsToRegister({ provider, grant, clientAuth, app }: Login): readonly Question[] {
  const profile = profiles.get(provider);
  const loginBy = grant ?? profile?.grants[0] ?? 'refresh_token';
  // A provider that knows no clients: one is asked for only when somebody says how to present it.
  const hasClient = !app && (profile?.clientAuth !== 'none' || clientAuth !== undefined);
  const logsIn = loginBy === 'password' || (loginBy === 'refresh_token' && givesTokensToLogins(provider));
  return [
    ...(hasClient ? ([{ member: 'client_id' }] as const) : []),
    ...(hasClient && clientAuth !== 'none' ? ([{ member: 'client_secret' }] as const) : []),
    ...(logsIn ? ([{ member: 'username' }, { member: 'password' }] as const) : []),
    ...(logsIn || loginBy !== 'refresh_token' ? [] : ([{ member: 'refresh_token' }] as const)),
  ];
}

/**
 * Throws a {@link UsageError} for a client that has more than a person can type: keys and certificates are files.
 * Pure.
 */
export function assertTypable({ provider, grant, clientAuth, app }: Login, { localEndpoint }: Target): void {
  if (app) return;
  const profile = profiles.get(provider);
  const usual = (grant && profile?.clientAuthByGrant?.[grant]) ?? profile?.clientAuth;
  assertNoFile(clientAuth ?? usual);
  // The sandbox of the local stack asks for no certificate.
  if (profile?.mutualTls && localEndpoint === undefined) throw inFile(['certificate']);
}

function assertNoFile(clientAuth: unknown): void {
  const needs = isClientAuth(clientAuth) ? CLIENT_AUTH_TRAITS[clientAuth].needs : [];
  const files = needs.filter((part) => part === 'private_key' || part === 'certificate');
  if (files.length > 0) throw inFile(files);
}

function inFile(members: readonly string[]): UsageError {
  const named = members.map((member) => `client.${member}`).join(' and ');
  return new UsageError(`nobody can type ${named}: give the secrets as JSON with --secrets -`);
}

/** A credential that is registered, as `status` shows it. */
export interface Registered {
  readonly credential?: unknown;
  readonly grant?: unknown;
  readonly provider?: unknown;
  readonly app?: unknown;
  readonly client_auth?: unknown;
  readonly client_expires_at?: unknown;
}

/**
 * What `update --client` asks for. Throws a {@link CommandFailure} for a credential that has the client of an app, and a
 * {@link UsageError} for one whose client nobody can type. Pure.
 */
export function questionsToUpdate(
  { credential, app, grant, client_auth, client_expires_at }: Registered,
  target: Target,
): readonly Question[] {
  if (typeof app === 'string') {
    const change = commandLine(target, `app put ${app}`);
    throw new CommandFailure(
      'client-of-an-app',
      `${String(credential)} has the client of ${app}`,
      `To change it for all that use it: ${change}`,
    );
  }
  assertNoFile(client_auth);
  return grant === 'password'
    ? [{ member: 'username', optional: true }, { member: 'password' }]
    : [{ member: 'client_id', optional: true }, { member: 'client_secret' }, ...itsEnd(client_expires_at)];
}

/** A client secret whose end was known has an end as a rule, and is told of it only when that is known too. Pure. */
export function itsEnd(endOfLast: unknown): readonly Question[] {
  return typeof endOfLast === 'string' ? [{ member: 'expires_at', optional: true }] : [];
}

/** What `reseed` asks for, by the credential's grant. Throws a {@link CommandFailure} if nothing would help. Pure. */
export function questionsToReseed({ grant, provider }: Registered): readonly Question[] {
  if (grant === 'client_credentials') {
    throw new CommandFailure(
      'logs-in-by-itself',
      'it has no refresh token: it logs in with its client secret',
      'Give it another client secret with update --client.',
    );
  }
  return grant === 'password' || givesTokensToLogins(provider)
    ? [{ member: 'username', optional: true }, { member: 'password' }]
    : [{ member: 'refresh_token' }];
}

/** Its refresh tokens come from a login, so a person has a password and no refresh token (BSN). */
function givesTokensToLogins(provider: unknown): boolean {
  return typeof provider === 'string' && profiles.get(provider)?.grants[0] === 'password';
}
