/**
 * Every duration of the product, in milliseconds, divided by the scale (`RENOVA_SCALE`, 1 outside of
 * tests). Durations that end in real I/O have a floor, because a disk does not get faster with the scale.
 */
export interface Timing {
  readonly scale: number;
  /** The schedule: one tick a minute. */
  readonly tickMs: number;
  /** No new attempt begins later than this after a tick's start, so that ticks rarely overlap. */
  readonly tickBudgetMs: number;
  /** The day that lanes divide. */
  readonly dayMs: number;

  /** One attempt, each measured from its start: begin must be written and the connection ready by then … */
  readonly sendByMs: number;
  /** … the provider's answer must be in by then … */
  readonly answerByMs: number;
  /** … a kept or rescued pair must be stored by then … */
  readonly storeByMs: number;
  /** … publishing stops retrying by then … */
  readonly publishByMs: number;
  /** … and nobody else touches the credential before then. What is left is for clock skew. */
  readonly leaseMs: number;

  /**
   * How long after `storeByMs` the absence of a rescue copy is believed: the invocation that may hold the pair, or be
   * frozen with it, is gone then (shared/config/functions.ts), and what it wrote last can be read.
   */
  readonly quietMs: number;
  /** How long after an unknown outcome the provider is left in peace before the same token is posted again. */
  readonly providerQuietMs: number;
  /** Added to the quota window for clock skew between the containers that share it. */
  readonly quotaMarginMs: number;
  /** What a permit is occupied for beyond window and margin, as admission reckons: an answer and the rhythm of ticks. */
  readonly quotaLatencyMs: number;
  /** First retry after a request that was never sent. */
  readonly soonMs: number;
  readonly backoffMaxMs: number;
  /** A refused refresh token is posted again after this, and only then believed (I8): a quiet minute or more. */
  readonly refusalQuietMs: number;
  /** The least time between two refusals that end a chain. */
  readonly refusalApartMs: number;
  /** How long a chain is not declared ended while other chains of its provider are refused too (I8). */
  readonly massRefusalMs: number;
  /** Longest `Retry-After` that is honoured. */
  readonly throttleMaxMs: number;
  /** Between attempts of a credential whose client secret the provider refuses. */
  readonly misconfiguredRetryMs: number;
  /** A chain with less left goes before all others. */
  readonly lapseUrgentMs: number;
  /** How long a reader waits for a refresh in flight. */
  readonly readWaitMs: number;
  /** A token with no more left than this (or an eighth of its life) counts as expired at the read door. */
  readonly expiryMarginMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const IO_FLOOR_MS = 2 * SECOND;
const LEASE_MS = 60 * SECOND;
/** Leaves 2 s for the provider's answer alone. */
const LEASE_FLOOR_MS = 4 * SECOND;

/** How long the provider's answer is waited for at least, in seconds, where nobody says otherwise. */
const ANSWER_SECONDS = 31;
/** Longer than this, and an attempt could begin in the first half minute of a tick alone. */
export const MOST_ANSWER_SECONDS = 60;
export const LEAST_ANSWER_SECONDS = ANSWER_SECONDS;

/**
 * The durations of a credential whose provider is slow: from `answerByMs` on, everything in its attempts is later by as
 * much as its answer may be. The function's own end stays where it is, so its attempts begin early in a tick.
 */
export function timingFor(timing: Timing, { answerSeconds = ANSWER_SECONDS }: AnswerTime): Timing {
  const laterMs = ((answerSeconds - ANSWER_SECONDS) * SECOND * timing.leaseMs) / LEASE_MS;
  if (laterMs <= 0) return timing;
  return {
    ...timing,
    answerByMs: timing.answerByMs + laterMs,
    storeByMs: timing.storeByMs + laterMs,
    publishByMs: timing.publishByMs + laterMs,
    leaseMs: timing.leaseMs + laterMs,
  };
}

interface AnswerTime {
  readonly answerSeconds?: number;
}

/** The durations at `scale` (a number of at least 1). */
export function timing(scale: number): Timing {
  const scaled = (ms: number) => ms / scale;
  const floored = (ms: number) => Math.max(ms / scale, IO_FLOOR_MS);
  const leaseMs = Math.max(scaled(LEASE_MS), LEASE_FLOOR_MS);
  const ofLease = (ms: number) => (ms * leaseMs) / LEASE_MS;
  return {
    scale,
    tickMs: scaled(MINUTE),
    tickBudgetMs: scaled(58 * SECOND),
    dayMs: scaled(24 * HOUR),
    sendByMs: ofLease(8 * SECOND),
    answerByMs: ofLease(39 * SECOND),
    storeByMs: ofLease(50 * SECOND),
    publishByMs: ofLease(57 * SECOND),
    leaseMs,
    quietMs: floored(67 * SECOND),
    providerQuietMs: floored(10 * SECOND),
    quotaMarginMs: scaled(3 * SECOND),
    quotaLatencyMs: scaled(5 * SECOND),
    soonMs: scaled(5 * SECOND),
    backoffMaxMs: scaled(15 * MINUTE),
    refusalQuietMs: scaled(125 * SECOND),
    refusalApartMs: scaled(60 * SECOND),
    massRefusalMs: scaled(20 * MINUTE),
    throttleMaxMs: scaled(24 * HOUR),
    misconfiguredRetryMs: scaled(HOUR),
    lapseUrgentMs: scaled(HOUR),
    readWaitMs: floored(8 * SECOND),
    expiryMarginMs: scaled(2 * SECOND),
  };
}
