import type { CredentialRecord } from '../credential/credential.ts';
import { MAX_LANES } from '../vault/lanes.ts';
import type { AdminContext } from './context.ts';

/** How long deleted secrets can be brought back (the least that AWS allows). */
export const RECOVERY_DAYS = 7;

type Vault = Pick<AdminContext, 'secretStore' | 'names'>;

/**
 * Schedules the deletion of the lanes: from then on no version of them can be read, the previous ones included. All
 * that there can be: a record from a backup may know of fewer. Doing it again changes nothing. Rejects when the store
 * is unavailable.
 */
export async function deleteLanes(
  { secretStore, names }: Vault,
  { credential }: Pick<CredentialRecord, 'credential'>,
): Promise<void> {
  for (let lane = 0; lane < MAX_LANES; lane += 1) {
    await secretStore.remove(names.lane(credential, lane), RECOVERY_DAYS);
  }
}

/** The same for all secrets of a credential, and its parameter. */
export async function deleteSecrets(
  vault: Vault & Pick<AdminContext, 'publication'>,
  record: Pick<CredentialRecord, 'credential' | 'parameter'>,
): Promise<void> {
  await deleteLanes(vault, record);
  if (record.parameter) await vault.publication.removeParameter(record);
  const { secretStore, names } = vault;
  for (const name of [names.client(record.credential), names.rescue(record.credential)]) {
    await secretStore.remove(name, RECOVERY_DAYS);
  }
}
