import type { Announced, CredentialRecord, UnreadableAnswer } from '../credential.ts';

/**
 * Remembers a reader's report that the provider refused the current token, once for each generation, and how many have
 * come in a row. A report that comes within `goesOnMs` of the one before belongs to the same episode.
 */
export function noteReport(
  record: CredentialRecord,
  {
    generation,
    atMs,
    goesOnMs,
  }: { readonly generation: number; readonly atMs: number; readonly goesOnMs: number },
): CredentialRecord | undefined {
  const { latest, streak = 0 } = record.reports;
  if (record.generation !== generation || latest?.generation === generation) return undefined;
  const isInRow = latest !== undefined && generation - latest.generation <= 2;
  const sinceMs = latest && atMs - latest.atMs <= goesOnMs ? latest.sinceMs : atMs;
  return {
    ...record,
    reports: {
      ...record.reports,
      latest: { generation, atMs, sinceMs },
      streak: isInRow ? streak + 1 : 1,
    },
  };
}

/** Remembers what was announced. */
export function noteAnnounced(record: CredentialRecord, announced: Partial<Announced>): CredentialRecord {
  return { ...record, announced: { ...record.announced, ...announced } };
}

/** The provider refuses the client secret that an update brought; the one before it is used instead. */
export function noteClientRefused(record: CredentialRecord, atMs: number): CredentialRecord | undefined {
  return record.clientRefusedAtMs === undefined ? { ...record, clientRefusedAtMs: atMs } : undefined;
}

/** The provider takes the client secret that an update brought. */
export function noteClientAccepted(record: CredentialRecord): CredentialRecord | undefined {
  return record.clientRefusedAtMs === undefined ? undefined : { ...record, clientRefusedAtMs: undefined };
}

/** Keeps a sealed answer that could not be understood; the one before it is replaced. */
export function keepUnreadable(
  record: CredentialRecord,
  unreadable: UnreadableAnswer,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.aside.unreadable === unreadable) return undefined;
  return { ...record, aside: { ...record.aside, unreadable } };
}
