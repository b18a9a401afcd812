import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failing } from '../../support/world.ts';
import { AdminWorld } from './admin-world.ts';

describe('capacity', () => {
  it('says nothing where nothing is registered', async () => {
    assert.deepEqual(await new AdminWorld().do({ action: 'capacity' }), { quotas: [] });
  });

  it('reads the index of quotas, as registering and resuming do, and never the whole ledger', async () => {
    const admin = new AdminWorld();
    admin.world.fault = failing('ledger', 'list', 'before');
    await admin.register('acme');
    await admin.do({ action: 'pause', credential: 'acme' });
    await admin.do({ action: 'resume', credential: 'acme' });
    await admin.register('beta', { quota: { key: 'own', limit: 2, window_seconds: 30 } });
    const { quotas } = await admin.do({ action: 'capacity' });
    assert.deepEqual(
      quotas.map(({ key, credentials }: { key: string; credentials: number }) => [key, credentials]),
      [
        ['bs2', 1],
        ['own', 1],
      ],
    );
  });

  // By hand. BS2: 10 requests in 60 s; a permit is held for 60 s, 3 s of margin and 5 s of latency, so
  // 10 × 60 ÷ 68 = 8.82 can be used. A token of 300 s needs 60 ÷ 300 = 0.2 a window, 8.82 ÷ 0.2 = 44.1.
  // On demand a refresh token of 48 h is renewed every 16 h: 60 ÷ 57,600 = 0.00104.
  it('is what the arithmetic on paper says', async () => {
    const admin = new AdminWorld();
    for (const id of ['a', 'b', 'c']) await admin.register(id);
    await admin.register('idle', { mode: 'on-demand' });
    await admin.register('own', { quota: { key: 'own', limit: 2, window_seconds: 30 } });
    await admin.do({ action: 'pause', credential: 'c' });

    const { quotas } = await admin.do({ action: 'capacity' });

    assert.deepEqual(quotas[0], {
      key: 'bs2',
      limit: 10,
      window_seconds: 60,
      credentials: 4,
      fresh: 2,
      requests_needed_per_window: 0.4,
      requests_usable_per_window: 8.82,
      used_percent: 4.5,
      // (8.824 - 0.401) × 300 ÷ 60 = 42.1
      room_for_fresh: 42,
    });
    assert.deepEqual(quotas[1], {
      key: 'own',
      limit: 2,
      window_seconds: 30,
      credentials: 1,
      fresh: 1,
      // 30 ÷ 300
      requests_needed_per_window: 0.1,
      // 2 × 30 ÷ 38
      requests_usable_per_window: 1.58,
      used_percent: 6.3,
      // (1.579 - 0.1) × 300 ÷ 30 = 14.8
      room_for_fresh: 14,
    });
  });

  it('says how full each window is, and until when a provider asked for silence', async () => {
    const admin = new AdminWorld();
    const { quota } = admin.world.container;
    Object.assign(admin.context, { quota });
    await admin.register('a');
    const [open] = (await admin.do({ action: 'capacity' })).quotas;
    assert.deepEqual([open.in_use, open.in_use_of, open.closed_until], [1, 10, undefined]);
    const untilMs = admin.world.clock.nowMs() + 30_000;
    await quota.close({ key: 'bs2', limit: 10, windowMs: 60_000 }, untilMs);
    const [closed] = (await admin.do({ action: 'capacity' })).quotas;
    assert.equal(closed.closed_until, new Date(untilMs).toISOString());
  });

  it('says the arithmetic alone when the quota table does not answer', async () => {
    const admin = new AdminWorld();
    Object.assign(admin.context, { quota: { inUse: () => Promise.reject(new Error('fake')) } });
    await admin.register('a');
    const [quota] = (await admin.do({ action: 'capacity' })).quotas;
    assert.deepEqual([quota.credentials, 'in_use' in quota], [1, false]);
  });

  it('plans nothing for a credential that is renewed only when somebody asks', async () => {
    const admin = new AdminWorld();
    await admin.register('a');
    const needed = async () => (await admin.do({ action: 'capacity' })).quotas[0].requests_needed_per_window;
    assert.equal(await needed(), 0.2);
    await admin.register('idle', {
      grant: 'client_credentials',
      mode: 'on-demand',
      refresh_token: undefined,
    });
    assert.equal(await needed(), 0.2);
  });

  it('has as much room as registration then gives, and says 100 % and none when it is full', async () => {
    const admin = new AdminWorld();
    admin.isRefreshAway = true;
    const room = async () => (await admin.do({ action: 'capacity' })).quotas[0].room_for_fresh;
    await admin.register('bs2-1');
    assert.equal(await room(), 43);
    for (let count = 2; count <= 44; count += 1) await admin.register(`bs2-${count}`);
    assert.equal(await room(), 0);
    await admin.refused(admin.request('one-more'), 'quota-exceeded');
    await admin.register('one-more', { force: true });
    const [bs2] = (await admin.do({ action: 'capacity' })).quotas;
    // 45 × 0.2 = 9 of 8.824
    assert.deepEqual([bs2.used_percent, bs2.room_for_fresh], [102, 0]);
  });
});
