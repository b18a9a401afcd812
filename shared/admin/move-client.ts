import type { App } from '../app/apps.ts';
import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { assertAppFits, assertNoClientBeside, findApp } from './app-client.ts';
import { assertClientParts } from './client-check.ts';
import { putClient } from './client-secret.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { RECOVERY_DAYS } from './delete-secrets.ts';

/** Where an update takes the client of a credential from. */
export type ClientMove =
  | { readonly to: 'stays' }
  | { readonly to: 'app'; readonly app: App }
  | { readonly to: 'own'; readonly client: StoredClient };

interface Wanted {
  /** A name: that app. Null: a client of its own. Absent: as it is. */
  readonly app?: string | null | undefined;
  readonly client?: StoredClient | undefined;
}

/** What an update asks of the client, checked. Rejects with {@link AdminError}. */
export async function clientMoveOf(
  context: AdminContext,
  before: CredentialRecord,
  { app, client }: Wanted,
): Promise<ClientMove> {
  if (app === null && before.app !== undefined) return { to: 'own', client: wholeClient(before, client) };
  if (app === undefined || app === null) {
    if (before.app !== undefined) assertOwn(before, client);
    return { to: 'stays' };
  }
  assertNoClientBeside({ app, grant: 'client_credentials' }, client);
  if (app === before.app) return { to: 'stays' };
  return { to: 'app', app: await findApp(context, app) };
}

/** The settings after the move. Pure. */
export function movedSettings(record: CredentialRecord, move: ClientMove): CredentialRecord {
  switch (move.to) {
    case 'stays':
      return record;
    case 'app':
      return {
        ...record,
        app: move.app.name,
        clientExpiresAtMs: move.app.clientExpiresAtMs,
        clientRefusedAtMs: undefined,
      };
    case 'own':
      return { ...record, app: undefined, clientRefusedAtMs: undefined };
  }
}

/** Throws {@link AdminError} when the client that it moves to does not fit the settings. */
export function assertMoveFits(settings: CredentialRecord, move: ClientMove): void {
  if (move.to === 'app') assertAppFits(settings, move.app);
  if (move.to === 'own') assertClientParts(settings.clientAuth, move.client);
}

/** Before the settings change: the client that it moves to must be there. */
export async function beforeMove(
  context: AdminContext,
  record: CredentialRecord,
  move: ClientMove,
): Promise<CommandStep | undefined> {
  if (move.to !== 'own') return undefined;
  await putClient(context, record, move.client);
  return { step: 'client secret stored', ok: true };
}

/**
 * Goes back to the client that it had when the app was removed meanwhile. Rejects with {@link AdminError} then.
 */
export async function confirmMove(
  context: AdminContext,
  { credential, app, clientExpiresAtMs }: CredentialRecord,
  move: ClientMove,
): Promise<void> {
  if (move.to !== 'app') return;
  try {
    await findApp(context, move.app.name);
  } catch (error) {
    await applyTransition(context, credential, (now) =>
      now.app === move.app.name ? { ...now, app, clientExpiresAtMs } : undefined,
    );
    throw error;
  }
}

/** After the settings changed: nobody reads the client that it had. */
export async function afterMove(
  { secretStore, names }: AdminContext,
  { credential }: CredentialRecord,
  move: ClientMove,
): Promise<CommandStep | undefined> {
  if (move.to !== 'app') return undefined;
  await secretStore.remove(names.client(credential), RECOVERY_DAYS);
  return { step: 'own client secret deleted', ok: true };
}

function wholeClient(before: CredentialRecord, client: StoredClient | undefined): StoredClient {
  if (client?.client_id !== undefined) return client;
  throw new AdminError(
    'invalid-request',
    `client.client_id: is missing; ${before.credential} leaves its app and needs a whole client of its own.`,
    {
      field: 'client.client_id',
      remedy: 'Give it:',
      command: { name: 'update', id: before.credential, flags: ['--no-app', '--client'] },
    },
  );
}

/** The client of an app is changed at the app, knowingly for all that use it. */
function assertOwn({ credential, app = '' }: CredentialRecord, client: StoredClient | undefined): void {
  if (!client || Object.keys(client).length === 0) return;
  throw new AdminError(
    'invalid-request',
    `client: ${credential} has the client of the app ${app}, which others may use too.`,
    { field: 'client', remedy: 'To change it for all of them:', command: { name: 'app put', id: app } },
  );
}
