import * as v from 'valibot';
import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { Command } from '../failure/command.ts';
import { Secret } from '../secret/secret.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { assertNoClientBeside } from './app-client.ts';
import { assertNoEmptySecret } from './client-check.ts';
import { assertClientMaterial, changedEndMs, END_UNKNOWN } from './client-material.ts';
import { Client } from './client-request.ts';
import { changeClient } from './client-secret.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { firstRefresh } from './first-refresh.ts';
import { asOperatorError, codeOf, oneLogin } from './login-request.ts';
import { findRecord, unknownCredential } from './lookup.ts';
import { assertQuota } from './quota-check.ts';
import { CHECK, CODE, parseRequest, RegisterRequest, SEED_LIFE } from './request.ts';
import { CredentialId, IssuedSecret } from './request-values.ts';
import { seedLifeOf } from './seed.ts';
import { LOGIN_FIELDS } from './setting-entries.ts';
import { summarize } from './summary.ts';

/** How long an attempt in flight is waited for: as a rule it takes a second or two. */
export const IN_FLIGHT_WAIT_MS = 10_000;

const ReseedRequest = v.strictObject({
  action: v.literal('reseed'),
  credential: CredentialId,
  refresh_token: v.optional(IssuedSecret),
  code: CODE,
  login_fields: LOGIN_FIELDS,
  ...SEED_LIFE,
  client: v.optional(Client),
  force: RegisterRequest.entries.force,
  check: CHECK,
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
  const code = codeOf(request.code, before.grant, refresh_token);
  const byName = oneLogin(before.grant, client ?? {}, refresh_token);
  const { kept } = byName;
  const login = code ? kept : byName.login;
  if (!request.check && before.grant === 'refresh_token' && refresh_token === undefined && !login) {
    throw new AdminError(
      'invalid-request',
      'refresh_token: is missing; expected a new one, as the provider gives it at a login.',
      {
        field: 'refresh_token',
      },
    );
  }
  const life = seedLifeOf(request, context.clock.nowMs());
  // An active credential is among those that its quota keeps already.
  if (before.state !== 'active' && !request.force) await assertQuota(context, before, 'reseed');
  if (request.check) return { credential, checked: true };
  const steps: CommandStep[] = [];
  // The client of an app is kept for others too: a login that is made once changes nothing of it.
  const changes = Object.keys(kept).length > 0 && before.app === undefined;
  const keep = async () => {
    const { step, certificateEndMs } = await changeClient(context, before, kept);
    steps.push(step);
    await applyTransition(context, credential, (now) => {
      const clientExpiresAtMs = changedEndMs(kept, now.clientExpiresAtMs, certificateEndMs);
      const isKnown = now.state === 'removed' || clientExpiresAtMs === now.clientExpiresAtMs;
      return isKnown ? undefined : { ...now, clientExpiresAtMs };
    });
    const endMs = changedEndMs(kept, before.clientExpiresAtMs, certificateEndMs);
    if (before.clientExpiresAtMs !== undefined && endMs === undefined) steps.push(END_UNKNOWN);
  };
  if (changes && !login) await keep();
  const refreshToken = refresh_token === undefined ? undefined : new Secret(refresh_token);
  const chain = context.random.id();
  const reseeded = await asOperatorError(
    context.refreshService.reseed({
      credential,
      chain,
      refreshToken,
      life,
      login,
      by: context.by,
      code,
      waitMs: IN_FLIGHT_WAIT_MS,
    }),
    code,
  );
  if (reseeded.result === 'unknown-credential') throw unknownCredential(credential);
  if (reseeded.result === 'in-flight') {
    throw refreshInFlight(context, credential, reseeded.untilMs, againAfter(credential, request), steps);
  }
  // A login that is refused changes nothing.
  if (changes && login) await keep();
  const { login_fields: loginFields } = request;
  if (loginFields) {
    await applyTransition(context, credential, (now) =>
      now.state === 'removed' ? undefined : { ...now, loginFields },
    );
  }
  steps.push({ step: refreshToken || login ? 'refresh token kept' : 'new chain begun', ok: true });
  const { record, step } = await firstRefresh(context, credential);
  const takenBack = record.chain !== chain;
  return {
    ...summarize(record),
    ...(takenBack && { taken_back: true }),
    steps: [...steps, step],
    warnings: [],
  };
}

/** What to do once a refresh in flight has ended. */
interface Again {
  readonly verb: 'Try' | 'Log in';
  readonly how?: string;
  readonly command: Command;
}

function againAfter(id: string, { code, refresh_token }: v.InferOutput<typeof ReseedRequest>): Again {
  if (code) return { verb: 'Log in', command: { name: 'login', id, flags: ['--reseed'] } };
  const how = refresh_token === undefined ? undefined : ', with the same refresh token';
  return { verb: 'Try', how, command: { name: 'reseed', id } };
}

/** An answer that is still on its way may hold the only living tokens of the chain: it is waited for. */
export function refreshInFlight(
  { clock }: AdminContext,
  credential: string,
  untilMs: number,
  again: Again,
  done: readonly CommandStep[] = [],
): AdminError {
  const butClient = done.length === 0 ? '' : ', but its client secret is the new one';
  const seconds = Math.max(1, Math.ceil((untilMs - clock.nowMs()) / 1000));
  return new AdminError(
    'refresh-in-flight',
    `A refresh of ${credential} is in flight and has not ended yet; its chain was left as it was${butClient}.`,
    {
      field: 'credential',
      remedy: `${again.verb} again in ${seconds} s at the latest${again.how ?? ''}:`,
      command: again.command,
    },
  );
}

function assertClient(before: CredentialRecord, client: StoredClient, nowMs: number): void {
  assertNoEmptySecret(before.clientAuth, client);
  assertClientMaterial(before, client, nowMs);
}
