import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { QuotaInput } from '../../../shared/admin/request.ts';
import { ManualClock } from '../../../shared/clock/manual-clock.ts';
import { systemRandom } from '../../../shared/random/random.ts';
import { MemoryTable } from '../../../shared/table/memory-table.ts';
import type { StoreHooks } from '../../../shared/table/store-hooks.ts';
import { type Mark, Marks } from '../../../shared/telemetry/marks.ts';

const PERIOD_MS = 300_000;

function marking(hooks: StoreHooks = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12, 0));
  const table = new MemoryTable<Mark>({ keyName: 'quotaKey', hooks });
  const container = () => new Marks(table, clock, systemRandom);
  return { clock, table, container };
}

describe('a mark', () => {
  it('tells a new container where the last one left it', async () => {
    const { clock, container } = marking();
    const firstMs = clock.nowMs();
    assert.deepEqual(await container().move('tick'), { beforeMs: undefined });
    await clock.advance(60_000);
    assert.deepEqual(await container().move('tick'), { beforeMs: firstMs });
  });

  it('moves once in each period of the clock, whichever container asks', async () => {
    const { clock, container } = marking();
    assert.ok(await container().move('census', PERIOD_MS));
    await clock.advance(PERIOD_MS - 1);
    assert.equal(await container().move('census', PERIOD_MS), undefined);
    await clock.advance(1);
    assert.ok(await container().move('census', PERIOD_MS));
    assert.equal(await container().move('census', PERIOD_MS), undefined);
  });

  it('is moved by one of two containers that come at the same moment', async () => {
    const { container } = marking();
    const moved = await Promise.all([1, 2].map(() => container().move('census', PERIOD_MS)));
    assert.equal(moved.filter((one) => one !== undefined).length, 1);
  });

  it('leaves the other mark alone', async () => {
    const { container, table } = marking();
    await container().move('tick');
    assert.deepEqual(await container().move('census', PERIOD_MS), { beforeMs: undefined });
    assert.equal(table.items().length, 2);
  });

  it('is a quota without permits to who reads the table, under a key that no quota can have', async () => {
    const { container, table } = marking();
    await container().move('tick');
    const quota = { limit: 10, window_seconds: 60 };
    assert.ok(v.is(QuotaInput, { ...quota, key: 'tick' }));
    const [mark] = table.items();
    assert.deepEqual(mark?.permits, {});
    assert.ok(!v.is(QuotaInput, { ...quota, key: mark?.quotaKey }));
  });

  it('rejects when the table is away', async () => {
    const { container } = marking({ faults: (operation) => (operation === 'save' ? 'before' : undefined) });
    await assert.rejects(container().move('tick'), { code: 'store-unavailable' });
  });
});
