import { FUNCTIONS } from '../config/functions.ts';
import { applyTransition } from '../credential/apply-transition.ts';
import type { Attempt, CredentialRecord } from '../credential/credential.ts';
import { withChange } from '../credential/history.ts';
import { endAttempt } from '../credential/transitions/attempt.ts';
import { isHeld, remove as markRemoved } from '../credential/transitions/operator.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { deleteSecrets } from './delete-secrets.ts';
import { unknownCredential } from './lookup.ts';

/** An invocation that is cut off deletes nothing after this. Real time, at every scale. */
const LEASE_MS = FUNCTIONS.admin.timeoutSeconds * 1000;
/** How long a publish in flight is given to end: it takes less than a second as a rule. Real time too. */
const QUIET_MS = 10_000;
const LOOK_AGAIN_MS = 250;

/**
 * Removes a credential: from now on nobody refreshes or reads it, and its secrets are scheduled for deletion. What
 * stays in the ledger is its generation, so that the id can be registered again and go on. Doing it again finishes
 * what an earlier removal left undone. With `only`: while that is true of the credential.
 *
 * The id is free once the secrets are gone, and not while they go:
 *
 *     A   removed ── delete …/token/0 ── … ── delete …/client ── freed
 *     B      └ register is refused: what it would store, A would delete ┘ └ register
 *
 * Nor does it begin while a new pair is on its way into its lane: a lane that is gone by then would be created again,
 * with a live token that nobody renews or deletes. What only waits for the provider is not waited for: the ledger
 * drops what it brings.
 *
 *     A   keep ── put …/token/0 ── finish            publishing stops before the lease ends
 *     B     └ not yet … not yet … not yet ┘ removed ── delete …/token/0
 *
 * Rejects with {@link AdminError}, or as the stores do.
 */
export async function remove(
  context: AdminContext,
  credential: string,
  only?: (record: CredentialRecord) => boolean,
) {
  const { clock, random } = context;
  const isMeant = (record: CredentialRecord) => only === undefined || only(record);
  const giveUpAtMs = clock.nowMs() + QUIET_MS;
  for (;;) {
    const lease = removeLease(random.id(), clock.nowMs());
    const removal = { atMs: clock.nowMs(), change: 'removed', by: context.by } as const;
    const record = await applyTransition(context, credential, (now) =>
      isMeant(now) ? withChange(markRemoved(now, lease), removal) : undefined,
    );
    if (!record) throw unknownCredential(credential);
    if (record.attempt?.id === lease.id) {
      await deleteUnder(context, record, lease.id);
      break;
    }
    if (only === undefined) assertNotBeingRemoved(record, clock.nowMs());
    if (!isMeant(record) || record.state === 'removed') break;
    if (clock.nowMs() >= giveUpAtMs) throw beingPublished(record, clock.nowMs());
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return { credential, state: 'removed' };
}

/** Throws {@link AdminError} `being-removed` while somebody deletes the secrets of a removed credential. */
export function assertNotBeingRemoved(record: CredentialRecord | undefined, nowMs: number): void {
  if (record?.state !== 'removed' || !isHeld(record, nowMs)) return;
  throw new AdminError(
    'being-removed',
    `${record.credential} is being removed; its secrets are not all gone yet.`,
    {
      field: 'credential',
      remedy: `Try again in a moment; in ${secondsOfLease(record, nowMs)} s, if the removal was cut off.`,
    },
  );
}

function beingPublished(record: CredentialRecord, nowMs: number): AdminError {
  return new AdminError(
    'being-published',
    `A new token of ${record.credential} is still on its way into its lane. Nothing was removed.`,
    { field: 'credential', remedy: `Try again in ${secondsOfLease(record, nowMs)} s.` },
  );
}

function secondsOfLease({ attempt }: CredentialRecord, nowMs: number): number {
  return Math.max(1, Math.ceil(((attempt?.leaseUntilMs ?? nowMs) - nowMs) / 1000));
}

function removeLease(id: string, nowMs: number): Attempt {
  const leaseUntilMs = nowMs + LEASE_MS;
  return { id, purpose: 'remove', generation: 0, beganAtMs: nowMs, storeByMs: nowMs, leaseUntilMs };
}

async function deleteUnder(context: AdminContext, record: CredentialRecord, lease: string): Promise<void> {
  try {
    await deleteSecrets(context, record);
  } finally {
    await applyTransition(context, record.credential, (now) => endAttempt(now, lease), record);
  }
}
