import * as v from 'valibot';
import type { CredentialRecord } from '../credential/credential.ts';
import { Secret } from '../secret/secret.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { assertNoClientBeside } from './app-client.ts';
import { assertNoEmptySecret } from './client-check.ts';
import { assertClientMaterial } from './client-material.ts';
import { Client } from './client-request.ts';
import { changeClient } from './client-secret.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { firstRefresh } from './first-refresh.ts';
import { asOperatorError, oneLogin } from './login-request.ts';
import { findRecord } from './lookup.ts';
import { parseRequest, SEED_LIFE } from './request.ts';
import { CredentialId, IssuedSecret } from './request-values.ts';
import { seedLifeOf } from './seed.ts';
import { summarize } from './summary.ts';

const ReseedRequest = v.strictObject({
  action: v.literal('reseed'),
  credential: CredentialId,
  refresh_token: v.optional(IssuedSecret),
  ...SEED_LIFE,
  client: v.optional(Client),
});

/**
 * Gives a credential a new refresh token, or a new login: a new chain, whatever became of the old one. The token
 * is kept first, then the first refresh is made. Rejects with {@link AdminError}.
 */
export async function reseed(context: AdminContext, input: unknown) {
  const request = parseRequest(ReseedRequest, input);
  const { credential, refresh_token, client } = request;
  const before = await findRecord(context, credential);
  assertNoClientBeside(before, client);
  assertClient(before, client ?? {}, context.clock.nowMs());
  const { login, kept } = oneLogin(before.grant, client ?? {}, refresh_token);
  if (before.grant === 'refresh_token' && refresh_token === undefined && !login) {
    throw new AdminError('invalid-request', 'refresh_token: is missing; get a new one from the provider.', {
      field: 'refresh_token',
    });
  }
  const life = seedLifeOf(request, context.clock.nowMs());
  const steps: CommandStep[] = [];
  // The client of an app is kept for others too: a login that is made once changes nothing of it.
  const changes = Object.keys(kept).length > 0 && before.app === undefined;
  if (changes && !login) steps.push(await changeClient(context, before, kept));
  const refreshToken = refresh_token === undefined ? undefined : new Secret(refresh_token);
  const chain = context.random.id();
  await asOperatorError(context.refreshService.reseed({ credential, chain, refreshToken, life, login }));
  // A login that is refused changes nothing.
  if (changes && login) steps.push(await changeClient(context, before, kept));
  steps.push({ step: refreshToken || login ? 'refresh token kept' : 'new chain begun', ok: true });
  const { record, step } = await firstRefresh(context, credential);
  return { ...summarize(record), steps: [...steps, step], warnings: [] };
}

function assertClient(before: CredentialRecord, client: StoredClient, nowMs: number): void {
  assertNoEmptySecret(before.clientAuth, client);
  assertClientMaterial(before, client, nowMs);
}
