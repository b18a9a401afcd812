import type { CredentialSettings } from '../credential/settings.ts';
import { demanded, sustainable } from '../quota/demand.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { allRecords } from './lookup.ts';

/** Refuses settings that ask more of a quota than it can keep fresh, with the arithmetic. */
export async function assertQuota(context: AdminContext, settings: CredentialSettings): Promise<void> {
  const { quota, credential } = settings;
  if (!quota) return;
  const others = (await allRecords(context)).filter((record) => record.credential !== credential);
  const demand = demanded(quota, [...others, settings]);
  const available = sustainable(quota, context.timing);
  if (demand <= available) return;
  const windowSeconds = quota.windowMs / 1000;
  throw new AdminError(
    'quota-exceeded',
    `quota: ${quota.key} allows ${quota.limit} requests in ${windowSeconds} s, of which ${available.toFixed(1)} can be used; ` +
      `with ${credential} its credentials would need ${demand.toFixed(1)}.`,
    {
      field: 'quota',
      remedy: 'Register it with mode on-demand, ask the provider for more, or insist with --force.',
    },
  );
}
