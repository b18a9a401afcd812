import * as v from 'valibot';
import { Secret } from '../secret/secret.ts';
import { AdminError } from './admin-error.ts';
import { changeClient } from './client-secret.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { firstRefresh } from './first-refresh.ts';
import { asOperatorError, oneLogin } from './login-request.ts';
import { findRecord } from './lookup.ts';
import { Client, CredentialId, IssuedSecret, parseRequest } from './request.ts';
import { summarize } from './summary.ts';

const ReseedRequest = v.strictObject({
  action: v.literal('reseed'),
  credential: CredentialId,
  refresh_token: v.optional(IssuedSecret),
  client: v.optional(v.partial(Client)),
});

/**
 * Gives a credential a new refresh token, or a new login: a new chain, whatever became of the old one. The token
 * is kept first, then the first refresh is made. Rejects with {@link AdminError}.
 */
export async function reseed(context: AdminContext, input: unknown) {
  const { credential, refresh_token, client } = parseRequest(ReseedRequest, input);
  const before = await findRecord(context, credential);
  const { login, kept } = oneLogin(before.grant, client ?? {}, refresh_token);
  if (before.grant === 'refresh_token' && refresh_token === undefined && !login) {
    throw new AdminError('invalid-request', 'refresh_token: is missing; get a new one from the provider.', {
      field: 'refresh_token',
    });
  }
  const steps: CommandStep[] = [];
  const changes = Object.keys(kept).length > 0;
  if (changes && !login) steps.push(await changeClient(context, before, kept));
  const refreshToken = refresh_token === undefined ? undefined : new Secret(refresh_token);
  const chain = context.random.id();
  await asOperatorError(context.refreshService.reseed({ credential, chain, refreshToken, login }));
  // A login that is refused changes nothing.
  if (changes && login) steps.push(await changeClient(context, before, kept));
  steps.push({ step: refreshToken || login ? 'refresh token kept' : 'new chain begun', ok: true });
  const { record, step } = await firstRefresh(context, credential);
  return { ...summarize(record), steps: [...steps, step], warnings: [] };
}
