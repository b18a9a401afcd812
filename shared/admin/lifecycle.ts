import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { pause as pauseTransition, resume as resumeTransition } from '../credential/transitions/operator.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { unknownCredential } from './lookup.ts';
import { OneRequest, parseRequest } from './request.ts';

/** Stops refreshing a credential; its token is served while it lives. The chain goes on ageing. */
export async function pause(context: AdminContext, input: unknown) {
  return change(context, input, pauseTransition);
}

/** Goes on refreshing a paused credential. */
export async function resume(context: AdminContext, input: unknown) {
  return change(context, input, resumeTransition);
}

async function change(
  context: AdminContext,
  input: unknown,
  decide: (record: CredentialRecord) => CredentialRecord | undefined,
) {
  const { credential } = parseRequest(OneRequest, input);
  const record = await applyTransition(context, credential, decide);
  if (!record || record.state === 'removed') throw unknownCredential(credential);
  if (record.state === 'lapsed') {
    throw new AdminError(
      'credential-lapsed',
      `${credential} has lapsed: there is nothing to pause or resume.`,
      {
        field: 'credential',
        remedy: `Log in at the provider for a new refresh token, then: renova reseed ${credential}`,
      },
    );
  }
  return { credential, state: record.state };
}
