import * as v from 'valibot';
import type { CredentialRecord } from '../credential/credential.ts';
import { profiles, USUAL_PROVIDER } from '../provider/profiles.ts';
import { AdminError } from './admin-error.ts';
import { findApp } from './app-client.ts';
import type { AdminContext } from './context.ts';
import { findRecord } from './lookup.ts';
import { standIn } from './provider-reach.ts';
import { parseRequest } from './request.ts';
import { CredentialId, Text } from './request-values.ts';
import { AppName } from './setting-entries.ts';

const LoginStartRequest = v.strictObject({
  action: v.literal('login-start'),
  /** Of a credential that is registered: it gets a new chain. */
  credential: v.optional(CredentialId),
  provider: v.optional(Text),
  app: v.optional(AppName),
});

/**
 * What a person's browser is sent to the provider with: where, as which client, for what. Nothing secret, and nothing
 * is changed. Rejects with {@link AdminError}.
 */
export async function loginStart(context: AdminContext, input: unknown) {
  const { credential, provider = USUAL_PROVIDER, app } = parseRequest(LoginStartRequest, input);
  const { env, reach } = context;
  const record = credential === undefined ? undefined : await findRecord(context, credential);
  if (record) assertLivesOnToken(record);
  if (app !== undefined) await findApp(context, app);
  const owner = record ?? (app === undefined ? undefined : { app });
  const login = profiles.get(record?.provider ?? provider)?.login;
  return {
    authorize_url: standIn(login?.authorizeUrl?.[env], reach),
    client_id: owner && (await context.refreshService.clientId(owner)),
    scope: record?.scope,
    parameters: login?.parameters ?? {},
    redirect_fields: login?.redirectFields ?? [],
  };
}

/** Throws {@link AdminError} for a credential that needs no person to log in. */
export function assertLivesOnToken({
  credential,
  grant,
}: Pick<CredentialRecord, 'credential' | 'grant'>): void {
  if (grant === 'refresh_token') return;
  throw new AdminError('invalid-request', `credential: ${credential} logs in by itself (grant ${grant}).`, {
    field: 'credential',
    remedy: 'To change what it logs in with:',
    command: { name: 'update', id: credential, flags: ['--client'] },
  });
}
