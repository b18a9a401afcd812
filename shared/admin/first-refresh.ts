import type { CredentialRecord } from '../credential/credential.ts';
import type { RefreshResult } from '../refresh/context.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { findRecord } from './lookup.ts';

/** How long a command waits for a permit and for the provider. */
const WAIT_MS = 20_000;

/**
 * Makes the first refresh of a chain (or of changed settings) and says how it ended: with a working token, or
 * with a sentence that says why not. A refresh function that does not answer is no failure: the next tick is.
 */
export async function firstRefresh(
  context: AdminContext,
  credential: string,
): Promise<{ readonly record: CredentialRecord; readonly step: CommandStep }> {
  const done = await context.refreshService
    .refresh({ credential, force: true, waitMs: WAIT_MS })
    .catch(() => undefined);
  const record = await findRecord(context, credential);
  const isWell = record.failure === undefined && record.lapse === undefined;
  const ok = record.pair?.sealedAccess !== undefined && isWell && done?.reason !== 'previous-chain';
  const detail = ok ? undefined : whyNot(done, record);
  return { record, step: { step: 'first refresh', ok, detail } };
}

function whyNot(done: RefreshResult | undefined, record: CredentialRecord): string {
  const { credential, failure, lapse } = record;
  if (done?.reason === 'previous-chain') {
    return `the provider does not take this refresh token (spent, expired or of another client); the credential goes on with the chain that it had; with a new one run: renova reseed ${credential}`;
  }
  if (lapse?.reason === 'answer-unreadable') {
    return `the provider's answer could not be read; it is kept: renova rescue ${credential}`;
  }
  if (lapse) {
    return `the provider does not take this refresh token (spent, expired or of another client); get a new one and run: renova reseed ${credential}`;
  }
  const kept = record.pair?.sealedRefresh === undefined ? '' : 'the refresh token is kept and ';
  if (failure) return `${explain(credential, failure)}; ${kept}Renova tries again`;
  const reason = done?.reason ?? done?.result ?? 'the refresh function did not answer';
  return `not yet (${reason}); ${kept}the next tick tries again`;
}

function explain(credential: string, { outcome, reason }: NonNullable<CredentialRecord['failure']>): string {
  switch (outcome) {
    case 'refused-client':
    case 'refused':
      return `the provider refuses the client (${reason}): check client id, client secret, client_auth, scope and token_url, see renova status ${credential}`;
    case 'refused-grant':
      return `the provider refuses the login (${reason}): check what it logs in with, then run: renova update ${credential} --client`;
    case 'not-sent':
      return `the provider cannot be reached (${reason}): check token_url, or wait until it is back`;
    case 'throttled':
      return 'the provider asks for fewer requests';
    case 'not-ready':
      return `the vault does not give what is needed (${reason})`;
    default:
      return `the provider gave no usable answer (${reason})`;
  }
}
