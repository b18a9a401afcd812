import { canLogIn } from '../../token-endpoint/grant.ts';
import {
  type Announced,
  type CredentialRecord,
  type UnreadableAnswer,
  unreadableAnswersOf,
} from '../credential.ts';

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

/** What is kept of older unreadable answers beside the latest: an item of DynamoDB holds 400 KB. */
const MAX_BEFORE = { answers: 4, characters: 100_000 };

/**
 * Keeps a sealed answer that could not be understood, beside those before it: which of them holds the refresh token that
 * lives, only its provider knows. Of a credential that can log in the latest is enough, because a login brings another.
 */
export function keepUnreadable(
  record: CredentialRecord,
  unreadable: UnreadableAnswer,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.aside.unreadable === unreadable) return undefined;
  const before = canLogIn(record.grant) ? [] : unreadableAnswersOf(record.aside);
  const unreadableBefore = withinBounds(before);
  return {
    ...record,
    aside: {
      ...record.aside,
      unreadable,
      unreadableBefore: unreadableBefore.length > 0 ? unreadableBefore : undefined,
    },
  };
}

/** Leaves out answers to a token that was answered before, then the oldest, until the others fit. */
function withinBounds(answers: readonly UnreadableAnswer[]): readonly UnreadableAnswer[] {
  const characters = answers.reduce((sum, { sealedBody }) => sum + sealedBody.length, 0);
  if (answers.length <= MAX_BEFORE.answers && characters <= MAX_BEFORE.characters) return answers;
  const isRepeated = ({ chain, generation }: UnreadableAnswer, place: number) =>
    answers.slice(0, place).some((one) => one.chain === chain && one.generation === generation);
  return withinBounds(answers.toSpliced(Math.max(0, answers.findIndex(isRepeated)), 1));
}
