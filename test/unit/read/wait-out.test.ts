import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitOut } from '../../../shared/read/wait-out.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { AT_MS, anAttempt, aRecord } from '../../support/records.ts';

const WAIT_MS = 8000;

/** A reader that waits for a refresh of `takesMs`, of which the store says so at each look; a look takes `lookMs`. */
async function waited(takesMs: number, lookMs = 2) {
  const clock = new ManualClock(AT_MS);
  let looks = 0;
  const load = async () => {
    looks += 1;
    await clock.sleep(lookMs);
    const isOver = clock.nowMs() >= AT_MS + takesMs;
    return isOver ? aRecord({ generation: 2 }) : aRecord({ attempt: anAttempt(AT_MS) });
  };
  let endMs = Number.NaN;
  const waiting = waitOut(clock, load, AT_MS + WAIT_MS).finally(() => {
    endMs = clock.nowMs();
  });
  await clock.advance(2 * WAIT_MS);
  const record = await waiting;
  return { looks, lateMs: endMs - AT_MS - takesMs, record };
}

describe('a reader that waits for a refresh in flight', () => {
  it('is late by an eighth of the time that it takes, or a few milliseconds, and the looks of it', async () => {
    for (const takesMs of [1, 8, 30, 120, 400, 1500, 7000]) {
      const { lateMs, record } = await waited(takesMs);
      assert.equal(record.generation, 2, `${takesMs} ms`);
      const mostMs = Math.max(5, Math.min(takesMs / 8 + 1, 250)) + 2 * 2;
      assert.ok(lateMs <= mostMs, `${lateMs} ms after ${takesMs} ms`);
    }
  });

  it('looks few times: some twenty in a third of a second, and no more than a hundred in all', async () => {
    const { looks } = await waited(300);
    assert.ok(looks <= 25, `${looks} looks`);
    const all = await waited(60_000);
    assert.ok(all.looks <= 100, `${all.looks} looks`);
    assert.equal(all.record.generation, 1, 'it has the last one that was loaded');
  });

  it('looks once when nobody is at it', async () => {
    const { looks } = await waited(0, 0);
    assert.equal(looks, 1);
  });
});
