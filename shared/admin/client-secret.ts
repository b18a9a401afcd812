import type { CredentialSettings } from '../credential/settings.ts';
import { CLIENT_AUTH_TRAITS } from '../token-endpoint/client-auth.ts';
import { renderClient, type StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
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

/**
 * Changes members of the client secret. One that somebody has deleted cannot be changed: it is stored anew when
 * `changes` are a whole client. Rejects as the stores and the refresh function do.
 */
export async function changeClient(
  context: AdminContext,
  record: Pick<CredentialSettings, 'credential' | 'clientAuth' | 'tags'>,
  changes: Partial<StoredClient>,
): Promise<CommandStep> {
  const { credential, clientAuth } = record;
  const { client_id } = changes;
  const isWhole =
    client_id !== undefined && CLIENT_AUTH_TRAITS[clientAuth].needs.every((part) => part in changes);
  if (isWhole && (await createClient(context, record, { ...changes, client_id }))) {
    return { step: 'client secret stored', ok: true };
  }
  if (!(await context.refreshService.updateClient({ credential }, changes))) throw gone(credential);
  return { step: 'client secret changed', ok: true };
}

function gone(credential: string): AdminError {
  return new AdminError(
    'invalid-request',
    `client: the client secret of ${credential} is gone; expected client_id and client_secret, both.`,
    {
      field: 'client',
      remedy: 'Give both:',
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
