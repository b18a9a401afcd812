import type { Announced, CredentialRecord, UnreadableAnswer } from '../credential.ts';

/**
 * Remembers a reader's report that the provider refused the current token, once for each generation, and how many have
 * come in a row.
 */
export function noteReport(
  record: CredentialRecord,
  report: { readonly generation: number; readonly atMs: number },
): CredentialRecord | undefined {
  const isNew =
    record.generation === report.generation && record.reports.latest?.generation !== report.generation;
  if (!isNew) return undefined;
  const { latest, streak = 0 } = record.reports;
  const goesOn = latest !== undefined && report.generation - latest.generation <= 2;
  return { ...record, reports: { ...record.reports, latest: report, streak: goesOn ? streak + 1 : 1 } };
}

/** Remembers what was announced. */
export function noteAnnounced(record: CredentialRecord, announced: Partial<Announced>): CredentialRecord {
  return { ...record, announced: { ...record.announced, ...announced } };
}

/** Keeps a sealed answer that could not be understood; the one before it is replaced. */
export function keepUnreadable(
  record: CredentialRecord,
  unreadable: UnreadableAnswer,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.aside.unreadable === unreadable) return undefined;
  return { ...record, aside: { ...record.aside, unreadable } };
}
