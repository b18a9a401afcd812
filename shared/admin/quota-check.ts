import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { CredentialSettings, QuotaLimit } from '../credential/settings.ts';
import { changeSettings } from '../credential/transitions/operator.ts';
import type { QuotaEntry } from '../ledger/ledger.ts';
import { admission } from '../quota/demand.ts';
import { AdminError } from './admin-error.ts';
import type { CommandStep } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { recordsSharing } from './lookup.ts';

/** What makes a credential ask something of its quota. */
export type Admission = 'register' | 'update' | 'resume' | 'reseed';

/**
 * Refuses what asks more of a quota than it can keep fresh, with the arithmetic: whatever makes a credential active
 * asks here. Throws {@link AdminError} `quota-exceeded`.
 */
export async function assertQuota(
  context: AdminContext,
  settings: CredentialSettings,
  asking: Admission,
): Promise<void> {
  const { quota, credential } = settings;
  if (!quota) return;
  const others = (await recordsSharing(context, quota.key)).filter(
    (record) => record.credential !== credential,
  );
  const wanted = [...others, { ...settings, state: 'active' as const }];
  const { usable, needed, fits } = admission(quota, wanted, context.timing);
  if (fits) return;
  throw new AdminError(
    'quota-exceeded',
    `quota: ${inWords(quota)}, of which ${usable.toFixed(1)} can be used; ` +
      `with ${credential} its credentials would need ${needed.toFixed(1)}.`,
    { field: 'quota', ...(asking === 'register' ? REGISTER_OTHERWISE : updateOtherwise(credential)) },
  );
}

const REGISTER_OTHERWISE = {
  remedy: 'Register it with mode on-demand, ask the provider for more, or insist with --force.',
} as const;

function updateOtherwise(id: string) {
  return {
    remedy:
      'Ask the provider for more, insist with --force, or give up that its token is always fresh, and do it again then:',
    command: { name: 'update', id, flags: ['--mode', 'on-demand'] },
  } as const;
}

/** Credentials that share a key share one limit: with two of them, who asks would decide which one counts. */
export async function othersWithAnotherLimit(
  context: AdminContext,
  { quota, credential }: CredentialSettings,
): Promise<readonly QuotaEntry<CredentialRecord>[]> {
  if (!quota) return [];
  const all = await recordsSharing(context, quota.key);
  return all.filter((other) => other.credential !== credential && isOtherLimit(other.quota, quota));
}

/** Throws {@link AdminError} when others have the same quota key with another limit. */
export async function assertOneLimit(context: AdminContext, settings: CredentialSettings): Promise<void> {
  const [other] = await othersWithAnotherLimit(context, settings);
  if (!other?.quota) return;
  const { key, limit, windowMs } = other.quota;
  throw new AdminError(
    'invalid-request',
    `quota.limit: expected that of the others of this key; ${inWords(other.quota)}. Give the same (limit ${limit}, window_seconds ${windowMs / 1000}), or another key.`,
    {
      field: 'quota.limit',
      remedy: `If the provider has changed it, change it for all that share ${key}:`,
      command: {
        name: 'update',
        id: other.credential,
        flags: ['--quota-limit', '<requests>', '--quota-window', '<seconds>', '--force'],
      },
    },
  );
}

/** What a profile knows of a quota yields to what is registered under its key. */
export async function registeredLimit(
  context: AdminContext,
  settings: CredentialSettings,
): Promise<CredentialSettings> {
  const [other] = await othersWithAnotherLimit(context, settings);
  return other?.quota ? { ...settings, quota: other.quota } : settings;
}

/** Gives all that share the key of this credential the same limit. Rejects as the ledger does; doing it again is safe. */
export async function changeLimitOfOthers(
  context: AdminContext,
  changed: CredentialSettings,
): Promise<CommandStep | undefined> {
  const others = await othersWithAnotherLimit(context, changed);
  const { quota } = changed;
  if (!quota || others.length === 0) return undefined;
  for (const { credential } of others) {
    await applyTransition(context, credential, (now) =>
      now.quota?.key === quota.key ? changeSettings(now, { ...now, quota }) : undefined,
    );
  }
  return { step: `limit of ${quota.key} changed for ${others.length} more`, ok: true };
}

function isOtherLimit(other: QuotaLimit | undefined, { key, limit, windowMs }: QuotaLimit): boolean {
  return other?.key === key && (other.limit !== limit || other.windowMs !== windowMs);
}

function inWords({ key, limit, windowMs }: QuotaLimit): string {
  const requests = limit === 1 ? '1 request' : `${limit} requests`;
  return `${key} allows ${requests} in ${Number((windowMs / 1000).toFixed(3))} s`;
}
