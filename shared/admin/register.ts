import type { CredentialRecord, CredentialSettings } from '../credential/credential.ts';
import { demanded, sustainable } from '../quota/demand.ts';
import type { Refreshed } from '../refresh/context.ts';
import { Secret } from '../secret/secret.ts';
import { renderClient } from '../vault/client-secrets.ts';
import { laneCount } from '../vault/lanes.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { parseRequest, RegisterRequest } from './request.ts';
import { settingsOf } from './settings.ts';
import { summarize } from './summary.ts';

const FIRST_REFRESH_WAIT_MS = 20_000;

/**
 * Registers a credential: stores the client secret, creates the lanes, seals the refresh token into the
 * ledger, and only then makes the first refresh. Whatever fails later, the refresh token is kept.
 * Rejects with {@link AdminError}, or as the stores and the refresh function do.
 */
export async function register(context: AdminContext, input: unknown) {
  const request = parseRequest(RegisterRequest, input);
  const settings = settingsOf(context, request);
  const { credential } = settings;
  const before = await context.ledger.load(credential);
  if (before && before.state !== 'removed') throw alreadyRegistered(credential);
  if (!request.force) await assertQuota(context, settings);

  const steps: { step: string; ok: boolean; detail?: string }[] = [];
  const chain = context.random.id();
  const lanes =
    settings.publish === 'none' ? 1 : laneCount(settings.defaultAccessTokenMs, context.timing.dayMs);

  await putClient(context, credential, request.client);
  steps.push({ step: 'client secret stored', ok: true });
  if (settings.publish !== 'none') {
    await context.publication.createLanes({ credential, provider: settings.provider, chain, lanes });
    steps.push({ step: `${lanes} published secrets created`, ok: true });
  }
  const refreshToken = request.refresh_token === undefined ? undefined : new Secret(request.refresh_token);
  const seeded = await context.refreshService.seed({ settings, chain, lanes, refreshToken });
  if (!seeded) throw alreadyRegistered(credential);
  steps.push({ step: refreshToken ? 'refresh token kept' : 'credential kept', ok: true });

  const first = await firstRefresh(context, credential);
  const record = await context.ledger.load(credential);
  if (!record) throw unknownCredential(credential);
  steps.push({
    step: 'first refresh',
    ok: hasToken(record),
    detail: hasToken(record) ? undefined : said(first, record),
  });
  return {
    ...summarize(record),
    published: isPublished(record),
    steps,
    warnings: warnings(record),
  };
}

/** No such credential, in the words of every action. */
export function unknownCredential(credential: string): AdminError {
  return new AdminError('unknown-credential', `There is no credential ${credential}.`, {
    field: 'credential',
    remedy: 'See which there are: renova list',
  });
}

/** Stores the client secret, whether its secret exists, is scheduled for deletion, or is new. */
export async function putClient(
  context: AdminContext,
  credential: string,
  client: RegisterRequest['client'],
) {
  const name = context.names.client(credential);
  const value = renderClient(client);
  const created = await context.secretStore.create(name, value, {
    description: `Renova: client secret of ${credential}`,
    tags: { 'renova:credential': credential },
  });
  if (!created) await context.secretStore.put(name, value);
}

async function firstRefresh(context: AdminContext, credential: string): Promise<Refreshed | undefined> {
  try {
    return await context.refreshService.refresh({ credential, force: true, waitMs: FIRST_REFRESH_WAIT_MS });
  } catch {
    // The token is kept; the next tick makes the first refresh.
    return undefined;
  }
}

async function assertQuota(context: AdminContext, settings: CredentialSettings): Promise<void> {
  const { quota } = settings;
  if (!quota) return;
  const all: CredentialSettings[] = [settings];
  for await (const record of context.ledger.list()) all.push(record);
  const demand = demanded(quota, all);
  const available = sustainable(quota, context.timing);
  if (demand <= available) return;
  const windowSeconds = (quota.windowMs * context.timing.scale) / 1000;
  throw new AdminError(
    'quota-exceeded',
    `quota: ${quota.key} allows ${quota.limit} requests in ${windowSeconds} s, of which ${available.toFixed(1)} can be used; ` +
      `with ${settings.credential} its credentials would need ${demand.toFixed(1)}.`,
    {
      field: 'quota',
      remedy: 'Register it with mode on-demand, ask the provider for more, or insist with force.',
    },
  );
}

function alreadyRegistered(credential: string): AdminError {
  return new AdminError('already-registered', `${credential} is registered already.`, {
    field: 'credential',
    remedy: `Give it a new refresh token with: renova reseed ${credential} (or choose another id)`,
  });
}

/** False for what is not published at all, and for a seed, which there is nothing of to publish yet. */
function isPublished(record: CredentialRecord): boolean {
  const current = record.publishedGeneration === record.generation;
  return record.publish !== 'none' && hasToken(record) && current;
}

function hasToken(record: CredentialRecord): boolean {
  return record.pair?.sealedAccess !== undefined;
}

function said(first: Refreshed | undefined, record: CredentialRecord): string {
  if (record.state === 'lapsed') {
    return `the provider refuses this refresh token (${record.lapse?.reason}); get a new one and run: renova reseed ${record.credential}`;
  }
  const why = first?.reason ?? first?.result ?? 'the refresh function did not answer';
  return `not yet (${why}); the refresh token is kept and the next tick tries again`;
}

function warnings(record: CredentialRecord): string[] {
  if (record.grant !== 'refresh_token') return [];
  return [
    'Renova must be the only one who refreshes this credential: stop any other job that does (an old cron job would end the chain).',
  ];
}
