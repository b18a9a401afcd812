import type { CredentialRecord } from '../credential/credential.ts';
import type { QuotaEntry } from '../ledger/ledger.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';

/** The record of a registered credential. Rejects with {@link AdminError} `unknown-credential`. */
export async function findRecord(context: AdminContext, credential: string): Promise<CredentialRecord> {
  const record = await context.ledger.load(credential);
  if (!record || record.state === 'removed') throw unknownCredential(credential);
  return record;
}

/**
 * Every registered credential that has this quota key, or any, by id: as the index of quotas shows it. Without what is
 * damaged: no arithmetic comes of it.
 */
export async function recordsSharing(
  context: AdminContext,
  quotaKey?: string,
): Promise<QuotaEntry<CredentialRecord>[]> {
  const all: QuotaEntry<CredentialRecord>[] = [];
  for await (const entry of context.ledger.sharing(quotaKey))
    if (entry.state !== 'removed' && canBeReckoned(entry)) all.push(entry);
  return all.sort((a, b) => (a.credential < b.credential ? -1 : 1));
}

function canBeReckoned({ quota, ...lives }: QuotaEntry<CredentialRecord>): boolean {
  const { defaultAccessTokenMs, refreshTokenMs = 1, accessLifeMs = 0, refreshLifeMs = 1 } = lives;
  const positive: readonly unknown[] = [
    quota?.limit ?? 1,
    quota?.windowMs ?? 1,
    defaultAccessTokenMs,
    refreshTokenMs,
    refreshLifeMs,
  ];
  return positive.every((one) => Number.isFinite(one) && Number(one) > 0) && accessLifeMs >= 0;
}

/** No such credential, in the words of every action. */
export function unknownCredential(credential: string): AdminError {
  return new AdminError('unknown-credential', `There is no credential ${JSON.stringify(credential)}.`, {
    field: 'credential',
    remedy: 'See which there are:',
    command: { name: 'list' },
  });
}
