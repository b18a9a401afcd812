import { renderClient, type StoredClient } from '../vault/client-secrets.ts';
import { AdminError } from './admin-error.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';

/** Stores the client secret, whether its secret exists, is scheduled for deletion, or is new. */
export async function putClient(
  context: AdminContext,
  credential: string,
  client: StoredClient,
): Promise<void> {
  if (await createClient(context, credential, client)) return;
  await context.secretStore.put(context.names.client(credential), renderClient(client));
}

/**
 * Changes members of the client secret. One that somebody has deleted cannot be changed: it is stored anew when
 * `changes` are a whole client. Rejects as the stores and the refresh function do.
 */
export async function changeClient(
  context: AdminContext,
  { credential, clientAuth }: { readonly credential: string; readonly clientAuth: string },
  changes: Partial<StoredClient>,
): Promise<CommandStep> {
  const { client_id, client_secret } = changes;
  const isWhole = client_id !== undefined && (client_secret !== undefined || clientAuth === 'none');
  if (isWhole && (await createClient(context, credential, { ...changes, client_id }))) {
    return { step: 'client secret stored', ok: true };
  }
  if (!(await context.refreshService.updateClient(credential, changes))) throw gone(credential);
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
function createClient(context: AdminContext, credential: string, client: StoredClient): Promise<boolean> {
  return context.secretStore.create(context.names.client(credential), renderClient(client), {
    description: `Renova: client secret of ${credential}`,
    tags: { 'renova:credential': credential },
  });
}
