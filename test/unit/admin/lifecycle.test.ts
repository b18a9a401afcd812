import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdminWorld } from './admin-world.ts';

const pause = { action: 'pause', credential: 'acme' };
const resume = { action: 'resume', credential: 'acme' };

describe('pausing and resuming', () => {
  it('stops the refreshes and lets them go on, each as often as it is said', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    for (let times = 0; times < 2; times += 1) {
      assert.deepEqual(await admin.do(pause), { credential: 'acme', state: 'paused' });
    }
    const { revision } = await admin.record('acme');
    const posts = admin.world.endpoint.received.length;
    await admin.do(pause);
    assert.equal((await admin.record('acme')).revision, revision, 'pausing again writes nothing');
    await admin.world.ticks(10);
    assert.equal(admin.world.endpoint.received.length, posts);
    assert.equal((await admin.do({ action: 'refresh', credential: 'acme', force: true })).reason, 'paused');

    for (let times = 0; times < 2; times += 1) {
      assert.deepEqual(await admin.do(resume), { credential: 'acme', state: 'active' });
    }
    await admin.world.ticks(1);
    assert.ok(admin.world.provider.accepts(await admin.world.accessToken('acme')));
    assert.equal((await admin.record('acme')).generation, 2);
  });

  it('resume of what is active changes nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const before = await admin.record('acme');
    await admin.do(resume);
    assert.deepEqual(await admin.record('acme'), before);
  });

  it('are refused for a lapsed credential, with what fixes it', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { refresh_token: 'fake-spent' });
    for (const input of [pause, resume]) {
      const error = await admin.refused(input, 'credential-lapsed');
      assert.match(error.remedy ?? '', /renova reseed acme$/);
    }
    assert.equal((await admin.record('acme')).state, 'lapsed');
  });

  it('are refused for what is unknown, removed, or no id', async () => {
    const admin = new AdminWorld();
    await admin.refused(pause, 'unknown-credential');
    await admin.register('acme');
    await admin.do({ action: 'remove', credential: 'acme' });
    for (const input of [pause, resume]) await admin.refused(input, 'unknown-credential');
    await admin.refused({ action: 'pause' }, 'invalid-request');
    await admin.refused({ action: 'resume', credential: '../acme' }, 'invalid-request');
    assert.equal((await admin.record('acme')).state, 'removed');
  });
});
