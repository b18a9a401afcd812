import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VERSION } from '../../../shared/config/version.ts';
import { AdminWorld } from './admin-world.ts';

describe('examining an environment', () => {
  it('says the versions, the clocks and the last tick, and names nothing that is well', async () => {
    const admin = new AdminWorld();
    await admin.world.tick();
    const tickedAt = new Date(admin.world.clock.nowMs()).toISOString();
    await admin.world.clock.advance(90_000);
    const at = new Date(admin.world.clock.nowMs()).toISOString();
    const { refresh, ...own } = await admin.do({ action: 'examine' });
    assert.deepEqual(own, { version: VERSION, at });
    assert.deepEqual(refresh, { version: VERSION, at, last_tick_at: tickedAt });
  });

  it('names what the refresh function cannot read, and spends nothing', async () => {
    const admin = new AdminWorld();
    admin.world.fault = (store) => (store === 'timestamps' ? 'before' : undefined);
    const { refresh } = await admin.do({ action: 'examine' });
    assert.equal(refresh.quota_table, 'store-unavailable');
    assert.equal(admin.world.endpoint.received.length, 0);
  });
});
