import type { CredentialSettings } from '../credential/settings.ts';
import type { UpdatedClient } from '../refresh-service/refresh-service.ts';
import { type ClientMember, renderClient, type StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { wholeClient } from './client-check.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';

/** Stores the client secret, whether its secret exists, is scheduled for deletion, or is new. */
export async function putClient(
  context: AdminContext,
  record: Pick<CredentialSettings, 'credential' | 'tags'>,
  client: StoredClient,
): Promise<void> {
  const { credential } = record;
  if (await createClient(context, record, client)) return;
  await context.secretStore.put(context.names.client(credential), renderClient(client));
}

/** What was done, and what is known of the client then. */
export interface ChangedClient extends UpdatedClient {
  readonly step: CommandStep;
}

/**
 * Changes members of the client secret. One that somebody has deleted or damaged cannot be changed: it is stored anew
 * when `changes` are a whole client. Rejects as the stores and the refresh function do.
 */
export async function changeClient(
  context: AdminContext,
  record: Pick<CredentialSettings, 'credential' | 'grant' | 'clientAuth' | 'tags'>,
  changes: Partial<StoredClient>,
): Promise<ChangedClient> {
  const { credential } = record;
  const { isWhole, parts } = wholeClient(record, changes);
  if (isWhole && (await createClient(context, record, changes))) return STORED;
  const updated = await context.refreshService.updateClient({ credential }, changes);
  if (updated) return { ...updated, step: { step: 'client secret changed', ok: true } };
  if (!isWhole) throw gone(credential, parts);
  await putClient(context, record, changes);
  return STORED;
}

const STORED: ChangedClient = { step: { step: 'client secret stored', ok: true } };

function gone(credential: string, parts: readonly ClientMember[]): AdminError {
  return new AdminError(
    'invalid-request',
    `client: the client secret of ${credential} is gone or damaged; expected all of it: ${parts.join(', ')}.`,
    {
      field: 'client',
      remedy: 'Give all of it:',
      command: { name: 'update', id: credential, flags: ['--client'] },
    },
  );
}

/** False if there is one: it is left as it is. */
function createClient(
  context: AdminContext,
  { credential, tags }: Pick<CredentialSettings, 'credential' | 'tags'>,
  client: StoredClient,
): Promise<boolean> {
  return context.secretStore.create(context.names.client(credential), renderClient(client), {
    description: `Renova: client secret of ${credential}`,
    tags: { ...tags, 'renova:credential': credential },
  });
}
