import { type CredentialRecord, publishPending } from '../credential/credential.ts';
import { resultInWords } from '../failure/refresh-results.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { deleteLanes } from './delete-secrets.ts';

/** How long an attempt in flight is given to end: it may be just about to publish. */
const QUIET_MS = 10_000;
const LOOK_AGAIN_MS = 250;
/** A publish takes no longer; what does is left to the next tick. */
const PUBLISH_MS = 5000;

/**
 * Puts the current pair into its lane at once, if it is not there as the settings want it. Nothing is spent for it
 * that was not due. A refresh function that does not answer is no failure: the next tick is.
 */
export async function republish(
  { refreshService }: Pick<AdminContext, 'refreshService'>,
  record: CredentialRecord,
): Promise<CommandStep | undefined> {
  if (!publishPending(record)) return undefined;
  const { credential } = record;
  const done = await refreshService.refresh({ credential, waitMs: PUBLISH_MS }).catch(() => undefined);
  const ok = done?.result === 'published' || done?.result === 'refreshed';
  const why = done ? resultInWords(done.result, done.reason) : 'the refresh function did not answer';
  return { step: 'published', ok, detail: ok ? undefined : `not yet (${why}); the next tick tries again` };
}

/**
 * Deletes what was published of a credential that publishes nothing from now on. It waits for an attempt that began
 * before: a lane that it does not find it would create. Rejects when a store is unavailable.
 */
export async function withdraw(
  context: Pick<AdminContext, 'ledger' | 'clock' | 'secretStore' | 'names'>,
  record: CredentialRecord,
): Promise<CommandStep> {
  const ok = await isQuiet(context, record);
  await deleteLanes(context, record);
  const again = 'a refresh is under way that may publish once more: set publish to none again in a minute';
  return { step: 'published secrets deleted', ok, detail: ok ? undefined : again };
}

/** The same for its parameter, which is gone at once. */
export async function withdrawParameter(
  context: Pick<AdminContext, 'ledger' | 'clock' | 'publication'>,
  record: CredentialRecord,
): Promise<CommandStep> {
  const ok = await isQuiet(context, record);
  await context.publication.removeParameter(record);
  const again =
    'a refresh is under way that may write it once more: set parameter to false again in a minute';
  return { step: 'parameter deleted', ok, detail: ok ? undefined : again };
}

async function isQuiet(
  { ledger, clock }: Pick<AdminContext, 'ledger' | 'clock'>,
  record: CredentialRecord,
): Promise<boolean> {
  const untilMs = clock.nowMs() + QUIET_MS;
  for (let now: CredentialRecord | undefined = record; now; now = await ledger.load(record.credential)) {
    const leaseUntilMs = now.attempt?.leaseUntilMs ?? 0;
    if (clock.nowMs() >= leaseUntilMs) return true;
    if (clock.nowMs() >= untilMs) return false;
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return true;
}
