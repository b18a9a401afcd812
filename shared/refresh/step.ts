import type { Timing } from '../config/timing.ts';
import {
  type Attempt,
  type CredentialRecord,
  isAnsweredUnread,
  keptBy,
  publishPending,
} from '../credential/credential.ts';
import { canLogIn } from '../token-endpoint/grant.ts';

/** What is to be done about a credential now. */
export type Step =
  | { readonly do: 'nothing'; readonly reason: 'removed' | 'lapsed' | 'paused' | 'not-due' }
  /** Somebody else is at it, or must be given time to have been. */
  | { readonly do: 'wait'; readonly untilMs: number }
  /** The current pair is not in its lane yet. */
  | { readonly do: 'publish' }
  /** An attempt ended without a trace: look for its result. `absenceCounts`: not finding it means there is none. */
  | {
      readonly do: 'resolve';
      readonly attempt: string;
      readonly absenceCounts: boolean;
      readonly againAtMs: number;
    }
  /**
   * The chain cannot go on: there is no refresh token and no login, or the token was answered with something that nobody
   * could read. It is spent, and posting it again may have the provider revoke what is in that answer.
   */
  | { readonly do: 'lapse' }
  | { readonly do: 'post' };

/** Sixteen lives: reports that go on for ever cost next to nothing. */
const MOST_DOUBLINGS = 6;

/** Why a refresh is asked for, other than that it is due. */
export interface RefreshTrigger {
  /** Refresh even if it is not due. */
  readonly force?: boolean;
  /** Refresh if this is still the current generation: any number of requests are met by one refresh. */
  readonly ifGeneration?: number;
  /** It is a reader's report that the provider refused the token: met once in a quarter of a life. */
  readonly refused?: boolean;
}

/**
 * The first rule that fits decides. Nothing is posted while an attempt of somebody else is unresolved,
 * because it may have spent the refresh token and stored the next one.
 */
export function nextStep(
  record: CredentialRecord,
  nowMs: number,
  timing: Timing,
  trigger: RefreshTrigger = {},
): Step {
  const { state, attempt } = record;
  if (state === 'removed') return { do: 'nothing', reason: state };
  if (attempt) {
    if (nowMs < attempt.leaseUntilMs) return { do: 'wait', untilMs: attempt.leaseUntilMs };
    if (attempt.purpose === 'refresh' && !keptBy(record, attempt.id))
      return resolveStep(attempt, nowMs, timing);
  }
  if (state === 'active' && isWanted(record, nowMs, trigger)) {
    const isOver =
      !canPost(record) || (isAnsweredUnread(record) && !canLogIn(record.grant) && !trigger.force);
    return isOver ? { do: 'lapse' } : postStep(record, nowMs, timing);
  }
  // A lapse can be undone (I8): the newest refresh token is posted once more when an operator insists.
  if (state === 'lapsed' && trigger.force && canPost(record)) return postStep(record, nowMs, timing);
  if (attempt || publishDue(record, nowMs)) return { do: 'publish' };
  return { do: 'nothing', reason: state === 'active' ? 'not-due' : state };
}

function isWanted(record: CredentialRecord, nowMs: number, trigger: RefreshTrigger): boolean {
  if (trigger.force || nowMs >= record.refreshAtMs) return true;
  if (trigger.ifGeneration !== record.generation) return false;
  // However many readers want it: an outage is not answered with a flood, nor the quota spent on what fails.
  if (nowMs < (record.failure?.retryAtMs ?? 0)) return false;
  return !trigger.refused || mayRenewRefused(record, nowMs);
}

/**
 * A reader with a 401 for another reason must not kill everyone's tokens: at most one refresh in a quarter of a life, and
 * each further report in a row waits twice as long.
 */
function mayRenewRefused(record: CredentialRecord, nowMs: number): boolean {
  if (!record.pair || record.reports.renewedAtMs === undefined) return true;
  const quarterLifeMs = (record.pair.expiresAtMs - record.pair.issuedAtMs) / 4;
  const doublings = Math.min(MOST_DOUBLINGS, Math.max(0, (record.reports.streak ?? 1) - 2));
  // A clock that was set back makes it old, not new.
  return Math.abs(nowMs - record.reports.renewedAtMs) >= quarterLifeMs * 2 ** doublings;
}

function resolveStep(attempt: Attempt, nowMs: number, timing: Timing): Step {
  const absentFromMs = attempt.storeByMs + timing.quietMs;
  const absenceCounts = nowMs >= absentFromMs;
  return { do: 'resolve', attempt: attempt.id, absenceCounts, againAtMs: absentFromMs };
}

function postStep({ doubt, refusals, lapse }: CredentialRecord, nowMs: number, timing: Timing): Step {
  // What was refused a moment ago is not posted again before the provider can have come to another mind.
  const refusedAtMs = Math.max(refusals?.lastAtMs ?? 0, lapse?.atMs ?? 0);
  const quietUntilMs = Math.max(doubt?.quietUntilMs ?? 0, refusedAtMs + timing.providerQuietMs);
  return nowMs < quietUntilMs ? { do: 'wait', untilMs: quietUntilMs } : { do: 'post' };
}

/** True unless only a person can go on. The stated end of a refresh token does not matter: only the provider ends a chain. */
function canPost(record: CredentialRecord): boolean {
  return canLogIn(record.grant) || record.pair?.sealedRefresh !== undefined;
}

function publishDue(record: CredentialRecord, nowMs: number): boolean {
  return publishPending(record) && nowMs >= (record.publication.retryAtMs ?? 0);
}
