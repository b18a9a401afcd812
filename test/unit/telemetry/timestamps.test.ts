import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { QuotaInput } from '../../../shared/admin/setting-entries.ts';
import { systemRandom } from '../../../shared/random/random.ts';
import { type Timestamp, Timestamps } from '../../../shared/telemetry/timestamps.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemoryTable } from '../../support/fakes/memory-table.ts';
import type { StoreHooks } from '../../support/fakes/store-hooks.ts';

const PERIOD_MS = 300_000;

function marking(hooks: StoreHooks = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12, 0));
  const table = new MemoryTable<Timestamp>({ keyName: 'quotaKey', hooks });
  const container = () => new Timestamps(table, clock, systemRandom);
  return { clock, table, container };
}

describe('a mark', () => {
  it('tells a new container where the last one left it', async () => {
    const { clock, container } = marking();
    const firstMs = clock.nowMs();
    assert.deepEqual(await container().touch('tick'), { beforeMs: undefined });
    await clock.advance(60_000);
    assert.deepEqual(await container().touch('tick'), { beforeMs: firstMs });
  });

  it('moves once in each period of the clock, whichever container asks', async () => {
    const { clock, container } = marking();
    assert.ok(await container().touch('inventory', PERIOD_MS));
    await clock.advance(PERIOD_MS - 1);
    assert.equal(await container().touch('inventory', PERIOD_MS), undefined);
    await clock.advance(1);
    assert.ok(await container().touch('inventory', PERIOD_MS));
    assert.equal(await container().touch('inventory', PERIOD_MS), undefined);
  });

  it('is moved by one of two containers that come at the same moment', async () => {
    const { container } = marking();
    const moved = await Promise.all([1, 2].map(() => container().touch('inventory', PERIOD_MS)));
    assert.equal(moved.filter((one) => one !== undefined).length, 1);
  });

  it('keeps a note of each of two containers that come at the same moment', async () => {
    const { container } = marking();
    const add = (one: string) => (before: unknown) => [...((before as string[] | undefined) ?? []), one];
    await Promise.all(['a', 'b'].map((one) => container().note('providers', add(one))));
    const noted = (await container().recall('providers')) as string[];
    assert.deepEqual(noted.toSorted(), ['a', 'b']);
  });

  it('leaves the other mark alone', async () => {
    const { container, table } = marking();
    await container().touch('tick');
    assert.deepEqual(await container().touch('inventory', PERIOD_MS), { beforeMs: undefined });
    assert.equal(table.items().length, 2);
  });

  it('is a quota without permits to who reads the table, under a key that no quota can have', async () => {
    const { container, table } = marking();
    await container().touch('tick');
    const quota = { limit: 10, window_seconds: 60 };
    assert.ok(v.is(QuotaInput, { ...quota, key: 'tick' }));
    const [mark] = table.items();
    assert.deepEqual(mark?.permits, {});
    assert.ok(!v.is(QuotaInput, { ...quota, key: mark?.quotaKey }));
  });

  it('rejects when the table is away', async () => {
    const { container } = marking({ faults: (operation) => (operation === 'save' ? 'before' : undefined) });
    await assert.rejects(container().touch('tick'), { code: 'store-unavailable' });
  });
});
