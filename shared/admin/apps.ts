import * as v from 'valibot';
import type { App } from '../app/apps.ts';
import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { changeSettings, tryAgainNow } from '../credential/transitions/operator.ts';
import { privateKeyIn } from '../token-endpoint/request/key-material.ts';
import {
  CLIENT_MEMBERS,
  type ClientMember,
  renderClient,
  type StoredClient,
} from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { findApp, unknownApp } from './app-client.ts';
import { assertClientMaterial, changedEndMs, END_UNKNOWN } from './client-material.ts';
import { Client } from './client-request.ts';
import type { ChangedClient } from './client-secret.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { RECOVERY_DAYS } from './delete-secrets.ts';
import { BareRequest, CHECK, parseRequest } from './request.ts';
import { AppName, Tags } from './setting-entries.ts';

const PutRequest = v.strictObject({
  action: v.literal('app-put'),
  app: AppName,
  client: v.optional(Client, {}),
  tags: v.optional(Tags),
});
type PutRequest = v.InferOutput<typeof PutRequest>;

const RemoveRequest = v.strictObject({ action: v.literal('app-remove'), app: AppName, check: CHECK });

/**
 * Keeps a client under a name, for any number of credentials, or changes members of the one that is kept; those that
 * are not given stay. Credentials that were failing are due at once. Rejects with {@link AdminError}, or as the stores
 * and the refresh function do, and then doing it again finishes it.
 */
export async function putApp(context: AdminContext, input: unknown) {
  const request = parseRequest(PutRequest, input);
  const { app: name, client } = request;
  const nowMs = context.clock.nowMs();
  assertAppClient(client, nowMs);
  const before = await context.apps.find(name);
  const steps: CommandStep[] = [];
  const isChanged = Object.keys(client).length > 0;
  const stored = isChanged ? await storeClient(context, request, before) : undefined;
  if (stored) steps.push(stored.step);
  else if (!before) throw lacksClient(name);
  const app = await context.apps.change(name, (now) => appOf(request, now, nowMs, stored));
  if (!app) throw unknownApp(name);
  const users = await usersOf(context, name);
  if (before?.clientExpiresAtMs !== undefined && app.clientExpiresAtMs === undefined) steps.push(END_UNKNOWN);
  const again = await tryUsersAgain(context, users, app);
  if (again > 0) steps.push({ step: `${again} failing credentials are tried again`, ok: true });
  return { ...shown(app), credentials: users.length, steps };
}

/** Every app, by one read: which credentials use one is for `list` to say. Nothing secret. */
export async function listApps({ apps }: AdminContext, input: unknown) {
  parseRequest(BareRequest, input);
  return { apps: (await apps.all()).map(shown) };
}

/**
 * Removes an app that no credential uses. Two that race, a removal and a credential that begins to use it, see each
 * other: the one marks the app before it looks for users, the other looks for the mark once it is a user.
 *
 *     removal       mark ── any users? ── delete           registration  seed ── marked? ── go on
 *
 * Rejects with {@link AdminError} `app-in-use` or `unknown-app`.
 */
export async function removeApp(context: AdminContext, input: unknown) {
  const { app: name, check } = parseRequest(RemoveRequest, input);
  if (check) {
    if (!(await context.apps.find(name))) throw unknownApp(name, 'gone');
    const using = await usersOf(context, name);
    if (using.length > 0) throw inUse(name, using);
    return { app: name, checked: true };
  }
  const marked = await context.apps.change(name, (app) => app && { ...app, removing: true });
  if (!marked) throw unknownApp(name, 'gone');
  const users = await usersOf(context, name);
  if (users.length > 0) {
    await context.apps.change(name, (app) => app && withoutMark(app));
    throw inUse(name, users);
  }
  await context.secretStore.remove(context.names.app(name), RECOVERY_DAYS);
  await context.apps.change(name, () => undefined);
  return { app: name, state: 'removed' };
}

/** Rejects with {@link AdminError} `unknown-app` when the app of a credential that was just begun or moved is going. */
export async function assertAppStays(context: AdminContext, app: string | undefined): Promise<void> {
  if (app !== undefined) await findApp(context, app);
}

async function storeClient(
  { secretStore, names, refreshService }: AdminContext,
  { app, client, tags }: PutRequest,
  before: App | undefined,
): Promise<ChangedClient> {
  const options = {
    description: `Renova: client of the app ${app}`,
    tags: { ...(tags ?? before?.tags), 'renova:app': app },
  };
  const given = membersOf(client);
  const parts = before ? before.members.filter((member) => member !== 'expires_at') : FIRST_PARTS;
  const isWhole = parts.every((part) => given.has(part));
  if (isWhole && (await secretStore.create(names.app(app), renderClient(client), options))) {
    return STORED;
  }
  const updated = await refreshService.updateClient({ app }, client);
  if (updated) return { ...updated, step: { step: 'client changed', ok: true } };
  if (!isWhole) throw before ? gone(app, parts) : lacksClient(app);
  // Somebody has damaged the one that is there.
  await secretStore.put(names.app(app), renderClient(client));
  return STORED;
}

/** Without these no client is kept; one that is stored anew has at least what the one before it had. */
const FIRST_PARTS: readonly ClientMember[] = ['client_id'];

const STORED: ChangedClient = { step: { step: 'client stored', ok: true } };

function assertAppClient(client: StoredClient, nowMs: number): void {
  for (const member of ['username', 'password', 'network'] as const) {
    if (client[member] === undefined) continue;
    throw new AdminError(
      'invalid-request',
      `client.${member}: is one user's, and an app is for many; leave it out.`,
      { field: `client.${member}` },
    );
  }
  assertClientMaterial({ clientAuth: 'post' }, client, nowMs);
}

function lacksClient(app: string): AdminError {
  return new AdminError('invalid-request', `client.client_id: is missing; ${app} has no client yet.`, {
    field: 'client.client_id',
    remedy: 'Give the whole client:',
    command: { name: 'app put', id: app },
  });
}

function gone(app: string, parts: readonly ClientMember[]): AdminError {
  return new AdminError(
    'invalid-request',
    `client: the client of ${app} is gone or damaged; expected all of it: ${parts.join(', ')}.`,
    { field: 'client', remedy: 'Give all of it:', command: { name: 'app put', id: app } },
  );
}

/** The members that are given; a certificate may hold its private key. */
function membersOf(client: StoredClient): ReadonlySet<string> {
  const { certificate } = client;
  const holdsKey = certificate !== undefined && privateKeyIn(certificate) !== undefined;
  return new Set([...Object.keys(client), ...(holdsKey ? ['private_key'] : [])]);
}

function appOf(
  { app: name, client, tags }: PutRequest,
  before: App | undefined,
  nowMs: number,
  stored: ChangedClient | undefined,
): App {
  const given = membersOf(client);
  const members = (Object.keys(CLIENT_MEMBERS) as ClientMember[]).filter(
    (member) => given.has(member) || before?.members.includes(member),
  );
  const endMs = changedEndMs(client, before?.clientExpiresAtMs, stored?.certificateEndMs);
  const ownTags = tags ?? before?.tags;
  return {
    name,
    members,
    createdAtMs: before?.createdAtMs ?? nowMs,
    changedAtMs: nowMs,
    ...(endMs !== undefined && { clientExpiresAtMs: endMs }),
    ...(ownTags && { tags: ownTags }),
  };
}

/** What failed with the client before is due now, and everyone knows the end of the new one. Gives how many failed. */
async function tryUsersAgain(
  context: AdminContext,
  users: readonly CredentialRecord[],
  { clientExpiresAtMs }: App,
): Promise<number> {
  let failing = 0;
  for (const user of users) {
    if (user.failure) failing += 1;
    const isRefused = user.clientRefusedAtMs !== undefined;
    if (!user.failure && !isRefused && user.clientExpiresAtMs === clientExpiresAtMs) continue;
    await applyTransition(
      context,
      user.credential,
      (now) => {
        if (now.app !== user.app) return undefined;
        const changed = { ...now, clientExpiresAtMs, clientRefusedAtMs: undefined };
        return tryAgainNow(changeSettings(now, changed) ?? changed, context.clock.nowMs());
      },
      user,
    );
  }
  return failing;
}

/** The credentials that use an app, by id. No index has them: all records are read, and only these are kept. */
async function usersOf({ ledger }: AdminContext, name: string): Promise<readonly CredentialRecord[]> {
  const users: CredentialRecord[] = [];
  for await (const record of ledger.list()) {
    if (record.app === name && record.state !== 'removed') users.push(record);
  }
  return users.sort((a, b) => (a.credential < b.credential ? -1 : 1));
}

function inUse(name: string, users: readonly CredentialRecord[]): AdminError {
  const [first] = users;
  const many = users.length === 1 ? `${first?.credential} uses` : `${users.length} credentials use`;
  return new AdminError('app-in-use', `${many} the client of ${name}. Nothing was removed.`, {
    field: 'app',
    remedy: 'See which, and move or remove them first:',
    command: { name: 'list', flags: ['--app', name] },
  });
}

function withoutMark({ removing: _, ...app }: App): App {
  return app;
}

function shown({ name, members, createdAtMs, changedAtMs, clientExpiresAtMs, tags }: App) {
  return {
    app: name,
    members,
    created_at: new Date(createdAtMs).toISOString(),
    changed_at: new Date(changedAtMs).toISOString(),
    client_expires_at:
      clientExpiresAtMs === undefined ? undefined : new Date(clientExpiresAtMs).toISOString(),
    tags,
  };
}
