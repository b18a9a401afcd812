import * as v from 'valibot';
import { profiles } from '../provider/profiles.ts';
import { AdminError } from './admin-error.ts';
import { Client } from './client-request.ts';
import type { AdminContext } from './context.ts';
import { asOperatorError } from './login-request.ts';
import { CHECK, parseRequest, RegisterRequest } from './request.ts';
import { settingsOf } from './settings.ts';

const { token_url, scope, client_auth, extra } = RegisterRequest.entries;

const NetworksRequest = v.strictObject({
  action: v.literal('networks'),
  provider: v.optional(RegisterRequest.entries.provider.wrapped, 'bsn'),
  token_url,
  scope,
  client_auth,
  extra,
  client: v.optional(Client, {}),
  check: CHECK,
});

/**
 * Logs a user in once, and says which networks he may name at registration. Nothing is stored.
 * Rejects with {@link AdminError}, or as the refresh function does.
 */
export async function networks(context: AdminContext, input: unknown) {
  const request = parseRequest(NetworksRequest, input);
  if (profiles.get(request.provider)?.namesNetworks !== true) {
    const known = [...profiles.values()].filter((profile) => profile.namesNetworks);
    const names = known.map(({ provider }) => provider).join(', ');
    throw new AdminError('invalid-request', `provider: expected ${names}.`, { field: 'provider' });
  }
  const settings = settingsOf(
    context,
    parseRequest(RegisterRequest, {
      ...request,
      action: 'register',
      credential: 'networks',
      grant: 'password',
    }),
  );
  if (request.check) return { checked: true };
  return { networks: await asOperatorError(context.refreshService.networks(settings, request.client)) };
}
