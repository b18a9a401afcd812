import type { Clock } from '../../clock/clock.ts';
import type { Shard } from '../../config/shards.ts';
import type { Timing } from '../../config/timing.ts';

/** A process that is no older than this when a tick begins in it was started for that tick. */
const STARTS_TICKS = 1 / 30;
/** A tick that comes earlier than that is none that was waited for: 2 s. */
const EARLIEST_TICKS = 1 / 30;
/** How early ticks came fades by this part with each of them. */
const FADES = 0.02;
/** As long as it takes from the last that a tick does to the end of its invocation. */
const LEAVING_TICKS = 1 / 150;

/** The last tick of a shard in this container. */
interface LastTick {
  readonly sentAtMs: number;
  /** By how much ticks came less than a tick after the last, the most of late. */
  readonly earlyMs: number;
}

/** When ticks come, as far as a container can tell: none of its own says when the next one will. */
export class TickRhythm {
  readonly #last = new Map<number, LastTick>();

  /**
   * A tick begins now: when the next one of its shard comes at the earliest. It was sent before its process was started,
   * where that was started for it.
   */
  nextMs(clock: Clock, { index }: Shard, { tickMs }: Pick<Timing, 'tickMs'>): number {
    const upMs = clock.monotonicMs();
    const sentAtMs = clock.nowMs() - (upMs < STARTS_TICKS * tickMs ? upMs : 0);
    const last = this.#last.get(index);
    const sinceMs = sentAtMs - (last?.sentAtMs ?? sentAtMs);
    const cameEarlyMs = Math.round(sinceMs / tickMs) * tickMs - sinceMs;
    const known = (1 - FADES) * (last?.earlyMs ?? 0);
    const earlyMs = cameEarlyMs < EARLIEST_TICKS * tickMs ? Math.max(cameEarlyMs, known) : known;
    this.#last.set(index, { sentAtMs, earlyMs });
    return sentAtMs + tickMs - earlyMs;
  }
}

/** A tick that is over by then leaves its container to the next one. */
export function leavesByMs(nextMs: number, { tickMs }: Pick<Timing, 'tickMs'>): number {
  return nextMs - LEAVING_TICKS * tickMs;
}
