import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Timeline } from './timeline.ts';

it('events happen in the order of their times, each in a world that has settled', async () => {
  const timeline = new Timeline(1000);
  const seen: string[] = [];
  const note = (what: string) => async () => {
    seen.push(`${what} at ${timeline.nowMs}`);
    for (let turn = 0; turn < 5; turn += 1) await undefined;
    seen.push(`${what} settled`);
  };
  timeline.after(20, note('second'));
  timeline.after(10, note('first'));
  timeline.after(20, note('third'));
  timeline.after(15, note('cancelled')).cancel();
  timeline.after(40, note('too late'));

  await timeline.run(1030);

  assert.deepEqual(seen, [
    ...['first at 1010', 'first settled'],
    ...['second at 1020', 'second settled'],
    ...['third at 1020', 'third settled'],
  ]);
  assert.equal(timeline.nowMs, 1030);
});

it('what an event throws ends the run', async () => {
  const timeline = new Timeline(0);
  timeline.after(1, () => {
    throw new RangeError('broken');
  });
  await assert.rejects(timeline.run(10), RangeError);
});
