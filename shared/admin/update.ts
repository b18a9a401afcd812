import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { withChange } from '../credential/history.ts';
import { withLanes } from '../credential/lane-number.ts';
import { changeSettings } from '../credential/transitions/operator.ts';
import { lanesOf } from '../vault/lanes.ts';
import { AdminError } from './admin-error.ts';
import { CLEARABLE_SETTINGS, withCleared } from './cleared-settings.ts';
import { assertNoEmptySecret } from './client-check.ts';
import { changedEndMs, END_UNKNOWN } from './client-material.ts';
import { Client } from './client-request.ts';
import { type ChangedClient, changeClient } from './client-secret.ts';
import { type CommandStep, lanesCreated } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { firstRefresh } from './first-refresh.ts';
import { findRecord, unknownCredential } from './lookup.ts';
import {
  afterMove,
  assertMoveFits,
  beforeMove,
  type ClientMove,
  clientMoveOf,
  confirmMove,
  movedSettings,
} from './move-client.ts';
import { assertOneLimit, assertQuota, changeLimitOfOthers } from './quota-check.ts';
import { relabel } from './relabel.ts';
import { republish, withdraw, withdrawParameter } from './republish.ts';
import { CHECK, parseRequest, RegisterRequest, withNetwork } from './request.ts';
import { CredentialId, oneOf } from './request-values.ts';
import { AppName, QuotaInput, SETTING_ENTRIES } from './setting-entries.ts';
import { assertScope, givenSettings, parameterOf, profileOf } from './settings.ts';
import { assertFitTogether } from './settings-check.ts';
import { summarize } from './summary.ts';

const UpdateRequest = v.strictObject({
  action: v.literal('update'),
  credential: CredentialId,
  ...SETTING_ENTRIES,
  /** Null: a client of its own again. */
  app: v.optional(v.nullable(AppName)),
  quota: v.optional(v.partial(QuotaInput)),
  clear: v.optional(
    v.pipe(v.array(oneOf(CLEARABLE_SETTINGS), 'a list of settings'), v.maxLength(50, 'at most 50 settings')),
    [],
  ),
  force: RegisterRequest.entries.force,
  client: v.optional(Client),
  check: CHECK,
  network: RegisterRequest.entries.network,
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
  const request = withNetwork(parseRequest(UpdateRequest, input));
  const before = await findRecord(context, request.credential);
  assertNoIdlePassword(before, request);
  assertNotBoth(request);
  const move = await clientMoveOf(context, before, request);
  const changed = changedSettings(context, before, request, move);
  assertMoveFits(changed, move);
  assertScope(profileOf(changed.provider), changed.scope);
  assertFitTogether(context, changed, request.client ?? {});
  if (request.client) assertNoEmptySecret(changed.clientAuth, request.client);
  if (changed.quota !== before.quota) {
    const isForAll = request.force && changed.quota?.key === before.quota?.key;
    if (!isForAll) await assertOneLimit(context, changed);
  }
  if (changed.mode !== before.mode || changed.quota !== before.quota) {
    const asks = before.state === 'active' && !request.force;
    if (asks) await assertQuota(context, changed, 'update');
  }
  if (request.check) return { credential: before.credential, checked: true };
  const steps: CommandStep[] = [];
  const stored = await beforeMove(context, changed, move);
  if (stored) steps.push(stored);
  const client = !stored && request.client ? await changeClient(context, changed, request.client) : undefined;
  if (client) steps.push(client.step);
  if (changed.publish !== 'none' && before.publish === 'none') {
    await context.publication.createLanes({ ...changed, lanes: changed.publication.lanes });
    steps.push({ step: lanesCreated(changed.publication.lanes), ok: true });
  }
  const names = changedNames(request);
  const change = {
    atMs: context.clock.nowMs(),
    change: 'updated',
    settings: names,
    by: context.by,
  } as const;
  const record = await applyTransition(context, before.credential, (now) =>
    withChange(changeSettings(now, changedSettings(context, now, request, move, client)), change),
  );
  if (!record || record.state === 'removed') throw unknownCredential(before.credential);
  await confirmMove(context, before, move);
  if (names.some((name) => name !== 'client')) steps.push({ step: 'settings changed', ok: true });
  const { clientExpiresAtMs: endMs } = before;
  if (request.client && endMs !== undefined && record.clientExpiresAtMs === undefined)
    steps.push(END_UNKNOWN);
  const shared = request.force ? await changeLimitOfOthers(context, record) : undefined;
  if (shared) steps.push(shared);
  const deleted = await afterMove(context, record, move);
  if (deleted) steps.push(deleted);
  if (!isDeepStrictEqual(record.tags, before.tags)) steps.push(await relabel(context, record, before.tags));
  if (request.publish === 'none') steps.push(await withdraw(context, record));
  if (before.parameter && !record.parameter) steps.push(await withdrawParameter(context, record));
  if (record.state === 'active' && before.failure) {
    const tried = await firstRefresh(context, before.credential);
    steps.push({ ...tried.step, step: 'refresh' });
  }
  if (
    changed.publish !== before.publish ||
    changed.parameter !== before.parameter ||
    changed.userAgent !== before.userAgent
  ) {
    const step = await republish(context, await findRecord(context, before.credential));
    if (step) steps.push(step);
  }
  return { ...summarize(await findRecord(context, before.credential)), steps, warnings: [] };
}

/** What the request changes, by the names of its members. */
function changedNames({
  action: _,
  credential: _id,
  force: _force,
  check: _check,
  clear,
  ...changes
}: UpdateRequest): string[] {
  return [
    ...Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ...clear,
  ];
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

function assertNotBoth({ clear, ...given }: UpdateRequest): void {
  const both = clear.find((name) => given[name] !== undefined);
  if (both === undefined) return;
  throw new AdminError(
    'invalid-request',
    `clear: has ${both}, which is given too; leave it out in one of them.`,
    {
      field: 'clear',
    },
  );
}

function changedSettings(
  context: AdminContext,
  before: CredentialRecord,
  request: UpdateRequest,
  move: ClientMove,
  client?: ChangedClient,
): CredentialRecord {
  const scaledMs = (seconds: number | undefined) =>
    seconds === undefined ? undefined : (seconds * 1000) / context.timing.scale;
  const moved = movedSettings(before, move);
  const given = {
    ...withCleared(context, moved, request.clear),
    ...givenSettings(context, { ...request, app: undefined }),
  };
  const publishes = given.publish !== 'none';
  const clientExpiresAtMs = changedEndMs(
    request.client ?? {},
    moved.clientExpiresAtMs,
    client?.certificateEndMs,
  );
  const changed = {
    ...given,
    parameter: parameterOf(request.parameter ?? (publishes && before.parameter), given.publish),
    clientExpiresAtMs,
    ...(request.client && { clientRefusedAtMs: undefined }),
    quota: quotaOf(given, request, scaledMs),
  };
  const { publish, publication } = changed;
  if (publish === 'none') return changed;
  const lanes = Math.max(publication.lanes, lanesOf(changed, context.timing.dayMs));
  if (lanes === publication.lanes) return changed;
  return { ...changed, publication: withLanes(publication, { lanes, atMs: context.clock.nowMs() }) };
}

function quotaOf(
  before: Pick<CredentialRecord, 'quota'>,
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
