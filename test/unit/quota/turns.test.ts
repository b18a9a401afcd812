import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { isGranted, limitOf, QuotaWorld } from './quota-world.ts';

const ANSWER_MS = 30_000;
/** Far more than the conflicts that one change puts up with. */
const CALLERS = 60;

describe('attempts of one container that want a permit at the same time', () => {
  it('take turns: each writes the item once, and nobody loses to a neighbour', async () => {
    let saves = 0;
    const world = new QuotaWorld({
      delay: (operation, _name, point) => {
        if (operation === 'save' && point === 'before') saves += 1;
        return world.clock.sleep(5);
      },
    });
    const { quota } = world.container();
    const byMs = world.clock.nowMs() + ANSWER_MS;

    const acquired = await world.drive(
      Promise.all(
        Array.from({ length: CALLERS }, () => quota.acquire(limitOf(CALLERS), byMs, { priority: 'reader' })),
      ),
    );

    assert.ok(acquired.every(isGranted));
    assert.equal(saves, CALLERS);
    assert.equal(Object.keys(world.record().permits).length, CALLERS);
  });

  it('get their turn also after one whose store failed', async () => {
    let faults = 1;
    const world = new QuotaWorld({
      faults: (operation) => (operation === 'load' && faults-- > 0 ? 'before' : undefined),
    });
    const { quota } = world.container();

    const [first, second] = await Promise.allSettled([
      quota.acquire(limitOf(2), ANSWER_MS, { priority: 'reader' }),
      quota.acquire(limitOf(2), ANSWER_MS, { priority: 'reader' }),
    ]);

    assert.ok(first.status === 'rejected' && first.reason instanceof StoreUnavailableError);
    assert.ok(second.status === 'fulfilled' && isGranted(second.value));
  });
});
