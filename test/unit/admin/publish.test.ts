import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { failing } from '../../support/world.ts';
import { AdminWorld } from './admin-world.ts';

const publish = (what: string) => ({ action: 'update', credential: 'acme', publish: what });

describe('changing what is published', () => {
  it('from nothing to the access token creates the lanes, and the next tick publishes the same pair', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'none' });
    const answer = await admin.do(publish('access'));
    assert.equal(answer.steps[0].step, '12 published secrets created');
    assert.equal(answer.lanes, 12);
    assert.equal((await admin.world.published('acme')).generation, 0, 'a placeholder until the tick');
    const posts = admin.world.endpoint.received.length;

    await admin.world.tick();

    const published = await admin.world.published('acme');
    assert.equal(published.generation, 1);
    assert.equal(published.access_token, (await admin.world.accessToken('acme'))?.reveal());
    assert.equal(admin.world.endpoint.received.length, posts, 'publishing spends nothing');
  });

  it('from the access token to the pair writes the same pair again, now with the refresh token', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    assert.equal((await admin.world.published('acme')).refresh_token, undefined);
    await admin.do(publish('pair'));
    await admin.world.tick();
    const { generation, refresh_token } = await admin.world.published('acme');
    assert.equal(generation, 1);
    assert.match(refresh_token ?? '', /^fake-refresh-/);
    assert.ok(await admin.world.chainLives('acme'));
  });

  it('from the pair to the access token takes the refresh token out of what is current', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'pair' });
    await admin.do(publish('access'));
    await admin.world.tick();
    const { generation, refresh_token } = await admin.world.published('acme');
    assert.deepEqual([generation, refresh_token], [1, undefined]);
  });

  it('to what it is already writes nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.do(publish('access'));
    assert.equal((await admin.record('acme')).publishedGeneration, 1);
  });

  it('is not done when the lanes cannot be created, and can be done again', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'none' });
    admin.world.fault = failing('vault', 'create', 'before', 1, '/token/5');
    await assert.rejects(admin.do(publish('access')), StoreUnavailableError);
    assert.equal((await admin.record('acme')).publish, 'none');
    await admin.do(publish('access'));
    await admin.world.tick();
    assert.equal((await admin.world.published('acme')).generation, 1);
  });

  it('of a seed publishes its first pair when it comes', async () => {
    const admin = new AdminWorld();
    admin.isRefreshAway = true;
    await admin.register('acme', { publish: 'none' });
    admin.isRefreshAway = false;
    await admin.do(publish('access'));
    await admin.world.ticks(2);
    assert.equal((await admin.world.published('acme')).generation, 1);
  });
});
