import type { RenovaEvent } from '../../../shared/events/event-publisher.ts';
import type { IssuedPair } from '../provider/issued.ts';
import type { Timeline } from '../timeline.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** The thresholds at which an operator is to be warned of the end of a refresh token. */
const WARNING_HOURS = [24, 12, 6, 1];

/** Those that come in the second half of its life; of a short one, when a quarter is left, if that is 2 minutes or more. */
function thresholdsOf({ issuedAtMs, refreshExpiresAtMs }: IssuedPair): number[] {
  const lifeMs = refreshExpiresAtMs - issuedAtMs;
  const fitting = WARNING_HOURS.filter((hours) => hours * HOUR_MS <= lifeMs / 2);
  const quarterMinutes = Math.floor(lifeMs / 4 / MINUTE_MS);
  if (fitting.length > 0 || !Number.isFinite(lifeMs) || quarterMinutes < 2) return fitting;
  return [quarterMinutes / 60];
}

interface Watched {
  /** The latest pair in any store. */
  stored?: IssuedPair;
  /** When the warning of each threshold for `stored` was accepted. */
  warnedAtMs: Map<number, number>;
  lapseToldAtMs?: number;
}

/** Measures how late an operator was warned that a refresh token comes to its end. */
export class LapseWarnings {
  maxDelayMs = 0;
  readonly #timeline: Timeline;
  readonly #watched = new Map<string, Watched>();
  #measuring = false;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  start(): void {
    this.#measuring = true;
  }

  stop(): void {
    for (const watched of this.#watched.values()) this.#count(watched);
    this.#measuring = false;
  }

  /** A store has this pair now, for the first time. */
  stored(pair: IssuedPair): void {
    const watched = this.#of(pair.grant.credential);
    if (watched.stored && watched.stored.index > pair.index) return;
    this.#count(watched);
    watched.stored = pair;
    watched.warnedAtMs = new Map();
    watched.lapseToldAtMs = undefined;
  }

  /** The event bus has accepted this. */
  accepted({ type, detail }: RenovaEvent): void {
    const watched = this.#of(detail.credential);
    if (type === 'Credential Lapsed') {
      this.#count(watched);
      watched.lapseToldAtMs = this.#timeline.nowMs;
    }
    if (type !== 'Refresh Token Lapsing') return;
    for (const hours of watched.stored ? thresholdsOf(watched.stored) : []) {
      if (hours < (detail.hours_left ?? 0) || watched.warnedAtMs.has(hours)) continue;
      watched.warnedAtMs.set(hours, this.#timeline.nowMs);
    }
  }

  /** When the operator was told that the chain has ended, since its last pair. */
  lapseToldAtMs(credential: string): number | undefined {
    return this.#of(credential).lapseToldAtMs;
  }

  /** How late the warnings of the thresholds that have passed were. */
  #count({ stored, warnedAtMs, lapseToldAtMs }: Watched): void {
    if (!stored || lapseToldAtMs !== undefined || !this.#measuring) return;
    const { nowMs } = this.#timeline;
    for (const hours of thresholdsOf(stored)) {
      const dueAtMs = stored.refreshExpiresAtMs - hours * HOUR_MS;
      // A login may hand over a refresh token that is past it already.
      if (dueAtMs >= nowMs || dueAtMs < (stored.storedAtMs ?? stored.issuedAtMs)) continue;
      this.maxDelayMs = Math.max(this.maxDelayMs, (warnedAtMs.get(hours) ?? nowMs) - dueAtMs);
    }
  }

  #of(credential: string): Watched {
    const found = this.#watched.get(credential);
    if (found) return found;
    const watched: Watched = { warnedAtMs: new Map() };
    this.#watched.set(credential, watched);
    return watched;
  }
}
