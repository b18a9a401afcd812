import type { FailureOutcome } from '../failure/failures.ts';
import type { LapseReason } from '../failure/lapses.ts';
import type { FailureReason } from '../failure/reasons.ts';
import type { CredentialRecord } from './credential.ts';

/**
 * What a credential remembers of its past, as short texts with the latest last: the record is written several times a
 * refresh, and each byte of it is paid for each time. {@link historyOf} reads them.
 */
export interface History {
  /** `<ms in base 36> <generation>[ <outcome>[ <reason>]]`; without an outcome the refresh brought a new pair. */
  readonly outcomes: readonly string[];
  /** `<ms in base 36> <change> <settings, or -> <who, or ->`. */
  readonly changes: readonly string[];
}

/** What a refresh came to. */
export const HISTORY_OUTCOMES = {
  refreshed: 'a new token',
  adopted: 'the token of an earlier refresh was found',
  late: 'a late answer is kept aside',
  unpublished: 'the new token is stored and could not be published',
  'went-back': 'the new refresh token brought nothing, the chain before goes on',
  lapsed: 'the chain has ended',
} as const satisfies Readonly<Record<string, string>>;

export type HistoryOutcome = keyof typeof HISTORY_OUTCOMES | FailureOutcome;

/** What people change. */
export const CHANGES = ['registered', 'updated', 'reseeded', 'paused', 'resumed', 'removed'] as const;
export type ChangeName = (typeof CHANGES)[number];

/** One refresh, or what became of it. */
export interface PastOutcome {
  readonly atMs: number;
  readonly generation: number;
  readonly outcome: HistoryOutcome;
  readonly reason?: FailureReason | LapseReason;
}

/** Something that a person changed. */
export interface Change {
  readonly atMs: number;
  readonly change: ChangeName;
  /** Names of the settings that were changed, never their values. */
  readonly settings?: readonly string[];
  /** Who says to have done it ({@link ACTOR}). */
  readonly by?: string;
}

/** How a person is named: no blanks, nothing that a terminal obeys. */
export const ACTOR = /^[\w.@+:/-]{1,64}$/;

const MOST_OUTCOMES = 20;
const MOST_CHANGES = 10;
const NOTHING: History = { outcomes: [], changes: [] };
const NONE = '-';

/** The record `after` with what became of a refresh since `before`. Pure; a part of the write that is made anyway. */
export function withOutcome(
  before: CredentialRecord,
  after: CredentialRecord,
  nowMs: number,
): CredentialRecord {
  const seen = outcomeBetween(before, after);
  if (!seen) return after;
  const { outcome, reason } = seen;
  const said = outcome === 'refreshed' && reason === undefined ? [] : [outcome, reason ?? ''];
  const text = [nowMs.toString(36), after.generation, ...said].join(' ').trimEnd();
  const { outcomes, changes } = after.history ?? NOTHING;
  return { ...after, history: { outcomes: [...outcomes, text].slice(-MOST_OUTCOMES), changes } };
}

/** The record with a change that a person made. Undefined stays undefined: nothing was changed. Pure. */
export function withChange(
  record: CredentialRecord | undefined,
  { atMs, change, settings = [], by = NONE }: Change,
): CredentialRecord | undefined {
  if (!record) return undefined;
  const { outcomes, changes } = record.history ?? NOTHING;
  const text = [Math.round(atMs).toString(36), change, settings.join(',') || NONE, by].join(' ');
  return { ...record, history: { outcomes, changes: [...changes, text].slice(-MOST_CHANGES) } };
}

type Seen = Pick<PastOutcome, 'outcome' | 'reason'>;

function outcomeBetween(before: CredentialRecord, after: CredentialRecord): Seen | undefined {
  if (after.state === 'removed') return undefined;
  if (after.generation > before.generation) return ofNewPair(after);
  if (after.chain !== before.chain) {
    const wentBack = after.chain === before.aside.previous?.pair.chain;
    return wentBack ? { outcome: 'went-back' } : undefined;
  }
  if (after.lapse && after.lapse.reason !== before.lapse?.reason)
    return { outcome: 'lapsed', reason: after.lapse.reason };
  const { failure } = after;
  if (failure && failure.count > (before.failure?.count ?? 0))
    return {
      outcome: failure.outcome,
      reason: failure.reason === failure.outcome ? undefined : failure.reason,
    };
  if (after.aside.spares.length > before.aside.spares.length) return { outcome: 'late' };
  const { reason } = after.publication;
  if (reason !== undefined && reason !== before.publication.reason) return { outcome: 'unpublished', reason };
  return undefined;
}

/** An attempt that keeps its own pair is still there: it has it to publish. */
function ofNewPair({ attempt, pair, failure }: CredentialRecord): Seen {
  if (attempt?.id !== pair?.attempt) return { outcome: 'adopted' };
  return { outcome: 'refreshed', reason: pair?.sealedAccess ? undefined : failure?.reason };
}

/** The last outcomes and changes, the latest first. What another version wrote and this one cannot read is left out. */
export function historyOf({ history = NOTHING }: Pick<CredentialRecord, 'history'>): {
  readonly outcomes: readonly PastOutcome[];
  readonly changes: readonly Change[];
} {
  return {
    outcomes: history.outcomes.flatMap((text) => readOutcome(text) ?? []).toReversed(),
    changes: history.changes.flatMap((text) => readChange(text) ?? []).toReversed(),
  };
}

function readOutcome(text: string): PastOutcome | undefined {
  const [at = '', generation = '', outcome = 'refreshed', reason] = text.split(' ');
  const atMs = Number.parseInt(at, 36);
  if (Number.isNaN(atMs) || !/^\d+$/.test(generation)) return undefined;
  // Codes as they were written: their form is all that can be checked, and all that matters to who shows them.
  return {
    atMs,
    generation: Number(generation),
    outcome: outcome as HistoryOutcome,
    ...(reason && { reason: reason as FailureReason }),
  };
}

function readChange(text: string): Change | undefined {
  const [at = '', change, settings = NONE, by = NONE] = text.split(' ');
  const atMs = Number.parseInt(at, 36);
  const known = CHANGES.find((name) => name === change);
  if (Number.isNaN(atMs) || !known) return undefined;
  return {
    atMs,
    change: known,
    ...(settings !== NONE && { settings: settings.split(',') }),
    ...(by !== NONE && { by }),
  };
}
