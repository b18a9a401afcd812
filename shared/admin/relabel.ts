import type { CredentialRecord } from '../credential/credential.ts';
import { tagChanges } from '../secret-store/tag-changes.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';

/**
 * Gives the secrets of a credential, and its parameter, the tags of its record and of the environment, and takes away
 * those that it had `before` and has no more. Doing it again changes nothing. Rejects when a store is unavailable.
 */
export async function relabel(
  { secretStore, names, publication }: Pick<AdminContext, 'secretStore' | 'names' | 'publication'>,
  record: CredentialRecord,
  before: CredentialRecord['tags'] = {},
): Promise<CommandStep> {
  const { credential, tags = {} } = record;
  const { drop } = tagChanges(before, tags);
  const set = { ...tags, 'renova:credential': credential };
  for (const name of [names.client(credential), names.rescue(credential)]) {
    await secretStore.retag(name, { set, drop });
  }
  await publication.relabel(record, drop);
  return { step: 'secrets labelled', ok: true };
}
