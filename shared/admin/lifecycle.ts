import { applyTransition, type Transition } from '../credential/apply-transition.ts';
import { type ChangeName, withChange } from '../credential/history.ts';
import * as transitions from '../credential/transitions/operator.ts';
import { withCommand } from '../failure/command.ts';
import { lapseRemedy } from '../failure/lapses.ts';
import { canLogIn } from '../token-endpoint/grant.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { unknownCredential } from './lookup.ts';
import { assertQuota } from './quota-check.ts';
import { OneRequest, parseRequest, ResumeRequest } from './request.ts';

/** Stops refreshing a credential; its token is served while it lives. The chain goes on ageing. */
export async function pause(context: AdminContext, input: unknown) {
  const { credential, state } = await change(context, input, 'paused', transitions.pause);
  return { credential, state };
}

/**
 * Goes on refreshing a paused credential. Past the end of its refresh token the answer says so: it is posted once more,
 * and as a rule only a new one fixes it.
 */
export async function resume(context: AdminContext, input: unknown) {
  const { force, ...request } = parseRequest(ResumeRequest, input);
  const before = await context.ledger.load(request.credential);
  if (before?.state === 'paused' && !force) await assertQuota(context, before, 'resume');
  const { credential, state, grant, pair } = await change(context, request, 'resumed', transitions.resume);
  const endMs = canLogIn(grant) ? undefined : pair?.refreshTokenExpiresAtMs;
  if (endMs === undefined || context.clock.nowMs() < endMs) return { credential, state };
  const ended = new Date(endMs).toISOString();
  const { remedy, command } = remedyOf(credential);
  return {
    credential,
    state,
    refresh_token_expires_at: ended,
    remedy: withCommand(remedy, command),
    command,
  };
}

async function change(context: AdminContext, input: unknown, change: ChangeName, decide: Transition) {
  const { credential } = parseRequest(OneRequest, input);
  const noted = { atMs: context.clock.nowMs(), change, by: context.by };
  const record = await applyTransition(context, credential, (now) => withChange(decide(now), noted));
  if (!record || record.state === 'removed') throw unknownCredential(credential);
  if (record.state === 'lapsed') {
    throw new AdminError(
      'credential-lapsed',
      `${credential} has lapsed: there is nothing to pause or resume.`,
      { field: 'credential', ...remedyOf(credential) },
    );
  }
  return record;
}

function remedyOf(credential: string) {
  const { text, command } = lapseRemedy(credential, 'refresh-token-expired');
  return { remedy: text, command };
}
