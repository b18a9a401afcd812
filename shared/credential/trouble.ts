import type { Timing } from '../config/timing.ts';
import { failureMeaning, mayPass } from '../failure/failures.ts';
import type { FailureReason } from '../failure/reasons.ts';
import { canLogIn } from '../token-endpoint/grant.ts';
import type { CredentialRecord, TroubleKind } from './credential.ts';

/** What is wrong with a credential: since when, and from when on it is to be told. */
export interface Trouble {
  readonly kind: TroubleKind;
  readonly sinceMs: number;
  readonly tellAtMs: number;
  /** Where no failure is noted that says why. */
  readonly reason?: FailureReason;
}

const FAILURES_TO_TELL = 3;
/** So long after the end of its token a credential is told whose refresh has not even failed: one tick may be late. */
const UNRENEWED_TICKS = 1;
/** So long a credential may be without its first token. */
const FIRST_TOKEN_TICKS = 3;

/**
 * What is wrong with a credential, or will be at `tellAtMs` if nothing changes: decided from the record alone, whatever
 * the reason is that it was not renewed. Pure.
 */
export function troubleOf(record: CredentialRecord, timing: Timing): Trouble | undefined {
  const { state, lapse, pair, failure, grant } = record;
  if (state === 'lapsed' && lapse) return { kind: 'lapsed', sinceMs: lapse.atMs, tellAtMs: lapse.atMs };
  if (state === 'paused') {
    const endMs = canLogIn(grant) ? undefined : pair?.refreshTokenExpiresAtMs;
    return endMs === undefined ? undefined : { kind: 'lapsed', sinceMs: endMs, tellAtMs: endMs };
  }
  if (state !== 'active') return undefined;
  if (failure) return failed(record, timing);
  if (pair?.unprintable) {
    const { issuedAtMs: sinceMs } = pair;
    return { kind: 'misconfigured', sinceMs, tellAtMs: sinceMs, reason: 'unprintable-access-token' };
  }
  return unrenewed(record, timing);
}

function failed({ failure, pair, mode }: CredentialRecord, timing: Timing): Trouble | undefined {
  if (!failure) return undefined;
  const { kind } = failureMeaning(failure);
  const { sinceMs, lastAtMs, count } = failure;
  if (!mayPass(failure) || count >= FAILURES_TO_TELL) return { kind, sinceMs, tellAtMs: lastAtMs };
  if (mode !== 'fresh' || !pair || kind === 'misconfigured') return undefined;
  // What never had a token has no readers who miss it: the first failures may be a moment's trouble.
  const lateMs = pair.sealedAccess ? pair.expiresAtMs : sinceMs + FIRST_TOKEN_TICKS * timing.tickMs;
  return { kind, sinceMs, tellAtMs: Math.max(lateMs, lastAtMs) };
}

/** No permit, attempts without a trace, a store that is away, a schedule that is late: nothing is noted of any. */
function unrenewed({ pair, mode }: CredentialRecord, timing: Timing): Trouble | undefined {
  if (mode !== 'fresh' || !pair) return undefined;
  const ticks = pair.sealedAccess ? UNRENEWED_TICKS : FIRST_TOKEN_TICKS;
  return {
    kind: 'failing',
    sinceMs: pair.expiresAtMs,
    tellAtMs: pair.expiresAtMs + ticks * timing.tickMs,
  };
}
