import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextDue, startScheduler } from '../../../local/aws/scheduler.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';

const MINUTE_MS = 60_000;

describe('the scheduler', () => {
  test('ticks at once and then every minute, also while a tick still runs', async () => {
    const clock = new ManualClock();
    const ticks: number[] = [];
    const tick = () => {
      ticks.push(clock.monotonicMs());
      return new Promise<void>(() => undefined);
    };
    const scheduler = startScheduler({ clock, tickMs: MINUTE_MS, tick });
    assert.deepEqual(ticks, [0]);
    await clock.advance(MINUTE_MS - 1);
    assert.deepEqual(ticks, [0]);
    await clock.advance(MINUTE_MS + 1);
    assert.deepEqual(ticks, [0, MINUTE_MS, 2 * MINUTE_MS]);
    await scheduler.stop();
  });

  test('stops between two ticks and leaves no sleep behind', async () => {
    const clock = new ManualClock();
    let ticks = 0;
    const tick = async () => {
      ticks += 1;
    };
    const scheduler = startScheduler({ clock, tickMs: MINUTE_MS, tick });
    await scheduler.stop();
    await clock.advance(5 * MINUTE_MS);
    assert.deepEqual({ ticks, sleeping: clock.sleeping }, { ticks: 1, sleeping: 0 });
  });

  test('sends the event of EventBridge Scheduler, which names no action', async () => {
    const events: object[] = [];
    const tick = async (event: object) => void events.push(event);
    await startScheduler({ clock: new ManualClock(), tickMs: MINUTE_MS, tick }).stop();
    const [event] = events as [Record<string, unknown>];
    assert.equal(event.source, 'aws.scheduler');
    assert.equal(event.time, '2026-01-01T00:00:00.000Z');
    assert.equal('action' in event, false);
  });

  test('ticks missed while the machine slept are not made up for', () => {
    assert.equal(nextDue(0, 60, 0), 60);
    assert.equal(nextDue(0, 60, 59), 60);
    assert.equal(nextDue(0, 60, 60), 120);
    assert.equal(nextDue(0, 60, 605), 660);
  });
});
