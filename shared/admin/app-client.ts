import type { App } from '../app/apps.ts';
import type { CredentialSettings } from '../credential/settings.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { assertClientParts } from './client-check.ts';
import type { AdminContext } from './context.ts';

/** What a login that is made once brings along: it goes beside the client of an app, and is not kept. */
const LOGIN_MEMBERS: ReadonlySet<string> = new Set(['username', 'password', 'network']);

/** The app of that name. Rejects with {@link AdminError} `unknown-app`. */
export async function findApp({ apps }: Pick<AdminContext, 'apps'>, name: string): Promise<App> {
  const app = await apps.find(name);
  if (!app || app.removing) throw unknownApp(name);
  return app;
}

/** No such app, in the words of every action; what to do about it is another thing for who would remove it. */
export function unknownApp(name: string, wanted: 'to use' | 'gone' = 'to use'): AdminError {
  return new AdminError('unknown-app', `There is no app ${JSON.stringify(name)}.`, {
    field: 'app',
    ...(wanted === 'gone'
      ? { remedy: 'See which there are:', command: { name: 'app list' } }
      : { remedy: 'Keep its client first:', command: { name: 'app put', id: name } }),
  });
}

/**
 * What an app's client has, for checks that look at what is there and not at what it is. Nothing of it may be sent or
 * stored. Pure.
 */
export function outlineOf({ members }: App): StoredClient {
  return Object.fromEntries(members.map((member) => [member, 'kept']));
}

/**
 * Throws {@link AdminError} for members of a client that are given beside an app: one of the two is the client. A login
 * that is made once is neither.
 */
export function assertNoClientBeside(
  { app, grant }: Pick<CredentialSettings, 'app' | 'grant'>,
  client: StoredClient | undefined,
): void {
  if (app === undefined) return;
  const given = Object.keys(client ?? {});
  const isOneLogin = grant === 'refresh_token' && given.every((member) => LOGIN_MEMBERS.has(member));
  if (given.length === 0 || isOneLogin) return;
  throw new AdminError(
    'invalid-request',
    `client: expected none beside app; the client is the one of ${app}.`,
    {
      field: 'client',
      remedy: 'To change it for all that use it:',
      command: { name: 'app put', id: app },
    },
  );
}

/** Throws {@link AdminError} for an app whose client lacks what the settings need. */
export function assertAppFits({ clientAuth, grant }: CredentialSettings, app: App): void {
  if (grant === 'password') {
    throw new AdminError(
      'invalid-request',
      'app: holds no user name and password, and grant password needs them each time; give a client of its own.',
      { field: 'app' },
    );
  }
  assertClientParts(clientAuth, outlineOf(app));
}
