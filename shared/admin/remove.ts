import { FUNCTIONS } from '../config/functions.ts';
import type { Attempt, CredentialRecord } from '../credential/credential.ts';
import { move } from '../credential/move.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { deleteSecrets } from './delete-secrets.ts';
import { unknownCredential } from './lookup.ts';

/** An invocation that is cut off deletes nothing after this. Real time, at every scale. */
const LEASE_MS = FUNCTIONS.admin.timeoutSeconds * 1000;

/**
 * Removes a credential: from now on nobody refreshes or reads it, and its secrets are scheduled for deletion. What
 * stays in the ledger is its generation, so that the id can be registered again and go on. Doing it again finishes
 * what an earlier removal left undone. With `chain`: only while the credential is of this chain.
 *
 * The id is free once the secrets are gone, and not while they go:
 *
 *     A   removed ── delete …/token/0 ── … ── delete …/client ── freed
 *     B      └ register is refused: what it would store, A would delete ┘ └ register
 *
 * Rejects with {@link AdminError}, or as the stores do.
 */
export async function remove(context: AdminContext, credential: string, chain?: string) {
  const { clock, random } = context;
  const lease: Attempt = {
    id: random.id(),
    purpose: 'remove',
    generation: 0,
    beganAtMs: clock.nowMs(),
    storeByMs: clock.nowMs(),
    leaseUntilMs: clock.nowMs() + LEASE_MS,
  };
  const record = await move(context, credential, (now) =>
    chain === undefined || now.chain === chain ? removed(now, lease) : undefined,
  );
  if (!record) throw unknownCredential(credential);
  if (record.attempt?.id === lease.id) await deleteUnder(context, record, lease.id);
  else if (chain === undefined) assertNotBeingRemoved(record, clock.nowMs());
  return { credential, state: 'removed' };
}

/** Throws {@link AdminError} `being-removed` while somebody deletes the secrets of a removed credential. */
export function assertNotBeingRemoved(record: CredentialRecord | undefined, nowMs: number): void {
  if (record?.state !== 'removed' || !isHeld(record, nowMs)) return;
  const { credential, attempt } = record;
  const seconds = Math.ceil(((attempt?.leaseUntilMs ?? nowMs) - nowMs) / 1000);
  throw new AdminError('being-removed', `${credential} is being removed; its secrets are not all gone yet.`, {
    field: 'credential',
    remedy: `Try again in a moment; in ${seconds} s, if the removal was cut off.`,
  });
}

async function deleteUnder(context: AdminContext, record: CredentialRecord, lease: string): Promise<void> {
  try {
    await deleteSecrets(context, record);
  } finally {
    await move(context, record.credential, (now) => freed(now, lease), record);
  }
}

/** Undefined while somebody else is at it. */
function removed(record: CredentialRecord, lease: Attempt): CredentialRecord | undefined {
  if (record.state === 'removed' && isHeld(record, lease.beganAtMs)) return undefined;
  return {
    ...record,
    state: 'removed',
    pair: undefined,
    attempt: lease,
    spares: [],
    past: [],
    refusedReport: undefined,
    unreadable: undefined,
    failure: undefined,
    lapse: undefined,
    doubtSinceMs: undefined,
    quietUntilMs: undefined,
  };
}

function freed(record: CredentialRecord, lease: string): CredentialRecord | undefined {
  return record.attempt?.id === lease ? { ...record, attempt: undefined } : undefined;
}

function isHeld({ attempt }: CredentialRecord, nowMs: number): boolean {
  return attempt !== undefined && nowMs < attempt.leaseUntilMs;
}
