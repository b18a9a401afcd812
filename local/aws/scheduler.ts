import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock/clock.ts';

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly tickMs: number;
  /** Runs one tick; a tick does not wait for the one before it, and is not tried again. */
  tick(event: object): Promise<void>;
}

export interface Scheduler {
  /** No tick begins after this; resolves when the schedule has ended, not the last tick. */
  stop(): Promise<void>;
}

/** EventBridge Scheduler for one schedule: a tick at once, and then one every `tickMs`. */
export function startScheduler({ clock, tickMs, tick }: SchedulerOptions): Scheduler {
  const stopped = new AbortController();
  const ended = keepTicking();

  async function keepTicking(): Promise<void> {
    let dueAtMs = clock.monotonicMs();
    while (!stopped.signal.aborted) {
      void tick(scheduledEvent(clock.nowMs()));
      dueAtMs = nextDue(dueAtMs, tickMs, clock.monotonicMs());
      await clock.sleep(dueAtMs - clock.monotonicMs(), stopped.signal);
    }
  }

  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}

/** The next tick on the grid of the first; ticks missed while the machine slept are not made up for. */
export function nextDue(dueAtMs: number, tickMs: number, nowMs: number): number {
  const missed = Math.max(0, Math.floor((nowMs - dueAtMs) / tickMs));
  return dueAtMs + (missed + 1) * tickMs;
}

/** What EventBridge Scheduler sends to a Lambda target without an input of its own. */
function scheduledEvent(nowMs: number): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    time: new Date(nowMs).toISOString(),
    resources: [],
    detail: '{}',
  };
}
