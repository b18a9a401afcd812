import type { CredentialRecord } from '../credential/credential.ts';
import { move } from '../credential/move.ts';
import type { AdminContext } from './context.ts';
import { unknownCredential } from './lookup.ts';

/** How long the secrets of a removed credential can be brought back (the least that AWS allows). */
const RECOVERY_DAYS = 7;

/**
 * Removes a credential: from now on nobody refreshes or reads it, and its secrets are scheduled for
 * deletion. What stays in the ledger is its generation, so that the id can be registered again and go on.
 * Doing it again finishes what an earlier removal left undone.
 */
export async function remove(context: AdminContext, credential: string) {
  const record = await move(context, credential, removed);
  if (!record) throw unknownCredential(credential);
  const { names, secretStore } = context;
  const lanes = Array.from({ length: record.lanes }, (_, lane) => names.lane(credential, lane));
  for (const name of [...lanes, names.client(credential), names.rescue(credential)]) {
    await secretStore.remove(name, RECOVERY_DAYS);
  }
  return { credential, state: 'removed' };
}

function removed(record: CredentialRecord): CredentialRecord | undefined {
  if (record.state === 'removed') return undefined;
  return {
    ...record,
    state: 'removed',
    pair: undefined,
    attempt: undefined,
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
