import { profiles } from '../../shared/provider/profiles.ts';
import { CommandFailure } from '../errors.ts';
import type { Question } from './secrets-input.ts';

/** What decides which secrets a new credential needs. */
interface Login {
  readonly provider: string;
  readonly grant?: string;
  readonly clientAuth?: string;
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

/** What `update --client` asks for, by the credential's grant. Pure. */
export function questionsToUpdate(grant: unknown): readonly Question[] {
  return grant === 'password'
    ? [{ member: 'username', optional: true }, { member: 'password' }]
    : [{ member: 'client_id', optional: true }, { member: 'client_secret' }];
}

/** What `reseed` asks for, by the credential's grant. Throws a {@link CommandFailure} if nothing would help. Pure. */
export function questionsToReseed(grant: unknown, provider?: unknown): readonly Question[] {
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
