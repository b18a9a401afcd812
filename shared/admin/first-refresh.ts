import type { CredentialRecord } from '../credential/credential.ts';
import { type Command, withCommand } from '../failure/command.ts';
import { failureInWords, failureRemedy } from '../failure/failures.ts';
import { lapseInWords, lapseRemedy } from '../failure/lapses.ts';
import { publicationRemedy } from '../failure/publication.ts';
import { reasonInWords } from '../failure/reasons.ts';
import { resultInWords } from '../failure/refresh-results.ts';
import type { RefreshResult } from '../refresh/context.ts';
import { canLogIn } from '../token-endpoint/grant.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { findRecord } from './lookup.ts';

/** How long a command waits for a permit and for the provider. */
const WAIT_MS = 20_000;

/**
 * Makes the first refresh of a chain (or of changed settings) and says how it ended: with a working token, or
 * with a sentence that says why not. Without `force` a pair that lives is only published. A refresh function that does not answer is no failure: the next tick is.
 */
export async function firstRefresh(
  context: AdminContext,
  credential: string,
  { force = true }: { readonly force?: boolean } = {},
): Promise<{ readonly record: CredentialRecord; readonly step: CommandStep }> {
  const done = await context.refreshService
    .refresh({ credential, force, waitMs: WAIT_MS })
    .catch(() => undefined);
  const record = await findRecord(context, credential);
  const isWell = record.failure === undefined && record.lapse === undefined;
  const ok = record.pair?.sealedAccess !== undefined && isWell && done?.reason !== 'previous-chain';
  const step = { step: 'first refresh', ok, ...(!ok && said(whyNot(done, record))) };
  return { record, step: ok ? (cannotPublish(record) ?? step) : step };
}

/** What no try will ever publish: the token is there, and its readers of the secrets will not get it. */
function cannotPublish({ credential, publication, generation }: CredentialRecord): CommandStep | undefined {
  const { reason } = publication;
  const remedy = publicationRemedy(credential, reason);
  if (!remedy || publication.generation >= generation) return undefined;
  const detail = `the token was obtained, and cannot be published${reasonInWords(reason)}. ${remedy.text}`;
  return { step: 'publish', ok: false, ...said({ detail, command: remedy.command }) };
}

type Why = { readonly detail: string; readonly command?: Command };

function said({ detail, command }: Why): Why {
  return { detail: withCommand(detail, command), ...(command && { command }) };
}

function whyNot(done: RefreshResult | undefined, record: CredentialRecord): Why {
  const { credential, failure, lapse } = record;
  if (done?.reason === 'previous-chain') return wentBack(record);
  if (lapse) {
    const { text, command } = lapseRemedy(credential, lapse.reason);
    const why = lapse.reason === 'grant-refused' ? REFUSED : lapseInWords(lapse);
    return { detail: `${why}. ${text}`, command };
  }
  if (failure?.outcome === 'refused-token' && !record.pair?.sealedAccess) return refusedOnce(credential);
  const kept = record.pair?.sealedRefresh === undefined ? '' : 'the refresh token is kept and ';
  if (failure) return failed(record, failure, `${kept}Renova tries again`);
  const why = done ? resultInWords(done.result, done.reason) : 'the refresh function did not answer';
  return { detail: `not yet: ${why}; ${kept}the next tick tries again` };
}

/** What a reseed gave brought nothing: how the credential stands now is how it stood before. */
function wentBack({ credential, grant, lapse, aside: { unreadable }, chain }: CredentialRecord): Why {
  const stands = lapse ? 'it has lapsed as before' : 'the credential goes on with the chain that it had';
  if (unreadable && unreadable.chain !== chain) {
    const kept = "the provider's answer to it could not be understood, and is kept";
    return { detail: `${kept}; ${stands}. To see it:`, command: { name: 'rescue', id: credential } };
  }
  const refused = canLogIn(grant) ? 'the provider refuses this login' : REFUSED;
  return { detail: `${refused}; ${stands}. With a new one:`, command: { name: 'reseed', id: credential } };
}

/** A refresh token that has brought nothing yet: the person who gave it knows best whether it can be right. */
function refusedOnce(credential: string): Why {
  const detail = `${REFUSED}; in case that was a mistake, Renova asks again in about two minutes. With a new one:`;
  return { detail, command: { name: 'reseed', id: credential } };
}

/** Of a token that a person has just typed, the likely reasons. */
const REFUSED = 'the provider does not take this refresh token (spent, expired or of another client)';

function failed(
  { credential, app, clientAuth }: CredentialRecord,
  { outcome, reason }: NonNullable<CredentialRecord['failure']>,
  goesOn: string,
): Why {
  const { text, command, otherwise, waits } = failureRemedy({ credential, app, outcome, reason, clientAuth });
  const said = `${failureInWords({ outcome, reason })}; ${goesOn}`;
  if (!waits) return { detail: `${said}. ${text}`, command };
  return otherwise
    ? { detail: `${said}. If ${otherwise.when}:`, command: otherwise.command }
    : { detail: said };
}
