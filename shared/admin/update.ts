import * as v from 'valibot';
import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { changeSettings } from '../credential/transitions/operator.ts';
import { laneCount } from '../vault/lanes.ts';
import { AdminError } from './admin-error.ts';
import { changeClient } from './client-secret.ts';
import { type CommandStep, lanesCreated } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { firstRefresh } from './first-refresh.ts';
import { findRecord, unknownCredential } from './lookup.ts';
import { assertQuota } from './quota-check.ts';
import { republish, withdraw, withdrawParameter } from './republish.ts';
import { Client, parseRequest, QuotaInput, RegisterRequest } from './request.ts';
import { parameterOf, tokenUrlOf } from './settings.ts';
import { summarize } from './summary.ts';

const {
  credential,
  token_url,
  scope,
  client_auth,
  publish,
  parameter,
  access_token_seconds,
  refresh_token_seconds,
  refresh_token_lifetime,
} = RegisterRequest.entries;

const UpdateRequest = v.strictObject({
  action: v.literal('update'),
  credential,
  token_url,
  scope,
  client_auth,
  mode: v.optional(RegisterRequest.entries.mode.wrapped),
  publish,
  parameter,
  quota: v.optional(v.partial(QuotaInput)),
  access_token_seconds,
  refresh_token_seconds,
  refresh_token_lifetime,
  extra: v.optional(RegisterRequest.entries.extra.wrapped),
  force: RegisterRequest.entries.force,
  client: v.optional(v.partial(Client)),
});
type UpdateRequest = v.InferOutput<typeof UpdateRequest>;

/**
 * Changes settings of a credential, or members of its client secret; what is not given stays. A credential that
 * was failing is tried again at once, and another `publish` shows in the vault at once.
 *
 * Rejects with {@link AdminError}, and then nothing was changed; but of a credential that is removed meanwhile a client
 * secret or lanes without a token may have come into the vault, which removing it again deletes. Rejects as the stores
 * and the refresh function do, and then doing it again finishes it.
 */
export async function update(context: AdminContext, input: unknown) {
  const request = parseRequest(UpdateRequest, input);
  const before = await findRecord(context, request.credential);
  assertNoIdlePassword(before, request);
  const changed = changedSettings(context, before, request);
  if (changed.mode !== before.mode || changed.quota !== before.quota) {
    if (!request.force) await assertQuota(context, changed);
  }
  const steps: CommandStep[] = [];
  if (request.client) steps.push(await changeClient(context, changed, request.client));
  if (changed.publish !== 'none' && before.publish === 'none') {
    await context.publication.createLanes({ ...changed, lanes: changed.publication.lanes });
    steps.push({ step: lanesCreated(changed.publication.lanes), ok: true });
  }
  const record = await applyTransition(context, before.credential, (now) =>
    changeSettings(now, changedSettings(context, now, request)),
  );
  if (!record || record.state === 'removed') throw unknownCredential(before.credential);
  steps.push({ step: 'settings changed', ok: true });
  if (request.publish === 'none') steps.push(await withdraw(context, record));
  if (before.parameter && !record.parameter) steps.push(await withdrawParameter(context, record));
  if (record.state === 'active' && before.failure) {
    const tried = await firstRefresh(context, before.credential);
    steps.push({ ...tried.step, step: 'refresh' });
  }
  if (changed.publish !== before.publish || changed.parameter !== before.parameter) {
    const step = await republish(context, await findRecord(context, before.credential));
    if (step) steps.push(step);
  }
  return { ...summarize(await findRecord(context, before.credential)), steps, warnings: [] };
}

/** Where the refresh token alone keeps it alive, a password would lie in the vault and log nobody in. */
function assertNoIdlePassword({ grant, credential }: CredentialRecord, { client }: UpdateRequest): void {
  if (grant !== 'refresh_token' || client?.password === undefined) return;
  throw new AdminError('invalid-request', 'client.password: is not kept for the grant refresh_token.', {
    field: 'client.password',
    remedy: 'To log in with it once:',
    command: { name: 'reseed', id: credential },
  });
}

function changedSettings(
  context: AdminContext,
  before: CredentialRecord,
  request: UpdateRequest,
): CredentialRecord {
  const scaledMs = (seconds: number | undefined) =>
    seconds === undefined ? undefined : (seconds * 1000) / context.timing.scale;
  const defaultAccessTokenMs = scaledMs(request.access_token_seconds) ?? before.defaultAccessTokenMs;
  const publish = request.publish ?? before.publish;
  const publishes = publish !== 'none';
  return {
    ...before,
    tokenUrl:
      request.token_url === undefined ? before.tokenUrl : tokenUrlOf(request.token_url, context.reach),
    scope: request.scope ?? before.scope,
    clientAuth: request.client_auth ?? before.clientAuth,
    mode: request.mode ?? before.mode,
    publish,
    parameter: parameterOf(request.parameter ?? (publishes && before.parameter), publish),
    quota: quotaOf(before, request, scaledMs),
    defaultAccessTokenMs,
    refreshTokenMs: scaledMs(request.refresh_token_seconds) ?? before.refreshTokenMs,
    refreshTokenLifetime: request.refresh_token_lifetime ?? before.refreshTokenLifetime,
    extra: request.extra ?? before.extra,
    publication: publishes
      ? {
          ...before.publication,
          lanes: Math.max(before.publication.lanes, laneCount(defaultAccessTokenMs, context.timing.dayMs)),
        }
      : before.publication,
  };
}

function quotaOf(
  before: CredentialRecord,
  { quota }: UpdateRequest,
  scaledMs: (seconds: number | undefined) => number | undefined,
): CredentialRecord['quota'] {
  if (!quota) return before.quota;
  const key = quota.key ?? before.quota?.key;
  const limit = quota.limit ?? before.quota?.limit;
  const windowMs = scaledMs(quota.window_seconds) ?? before.quota?.windowMs;
  if (key === undefined || limit === undefined || windowMs === undefined) {
    throw new AdminError('invalid-request', 'quota: expected key, limit and window_seconds.', {
      field: 'quota',
    });
  }
  return { key, limit, windowMs };
}
