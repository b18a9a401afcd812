import { FAILURES, type FailureOutcome } from './failures.ts';
import { LAPSES, type LapseReason } from './lapses.ts';
import type { FailureReason } from './reasons.ts';

/** What became of one credential in one invocation, and in a clause why it has no new token, where it has none. */
export const REFRESH_RESULTS = {
  refreshed: undefined,
  published: undefined,
  adopted: undefined,
  unpublished: 'its new token is stored and not in its lane yet',
  unstored: 'it has a new pair that no store takes at the moment; it is tried again by itself',
  nothing: 'there was nothing to do',
  waiting: 'another refresh of it is under way',
  'no-permit': "the provider's quota is used up for the moment",
  'no-time': 'the function had too little time left; try again',
  failed: 'it failed',
  lapsed: 'its chain has ended',
  'unknown-credential': 'it is not registered',
} as const satisfies Readonly<Record<string, string | undefined>>;

export type RefreshResultName = keyof typeof REFRESH_RESULTS;

/** What says more about a result, beside the outcomes of a post and the ends of a chain. */
export const RESULT_REASONS = {
  'attempt-in-flight': 'another refresh of it is under way',
  superseded: 'another refresh of it was faster',
  unresolved: 'an earlier refresh ended without a trace, and its result is being looked for',
  'not-due': 'it is not due',
  lapsed: 'it has lapsed',
  paused: 'it is paused',
  removed: 'it is removed',
  rescue: 'its new pair waits in the vault for the ledger',
  memory: 'its new pair waits for a store in the memory of the function',
  'previous-chain': 'the new refresh token brought nothing, and it goes on with the chain that it had',
  quota: "the provider's quota is used up for the moment",
} as const satisfies Readonly<Record<string, string>>;

export type ResultReason = keyof typeof RESULT_REASONS | FailureOutcome | LapseReason | FailureReason;

/** Why a refresh brought no new token, as a clause. Takes codes as they came: another version may have sent them. Pure. */
export function resultInWords(result: string, reason?: string): string {
  const code = reason ?? result;
  return (
    clause(RESULT_REASONS, code) ??
    (Object.hasOwn(FAILURES, code) ? FAILURES[code as FailureOutcome].explanation : undefined) ??
    (Object.hasOwn(LAPSES, code) ? LAPSES[code as LapseReason].explanation : undefined) ??
    clause(REFRESH_RESULTS, code) ??
    code
  );
}

function clause(table: Readonly<Record<string, string | undefined>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
