import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { failing } from '../../support/world.ts';
import { AdminWorld } from './admin-world.ts';

const publish = (what: string) => ({ action: 'update', credential: 'acme', publish: what });

describe('changing what is published', () => {
  it('from nothing to the access token creates the lanes and publishes the same pair, all at once', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'none' });
    const posts = admin.world.endpoint.received.length;

    const answer = await admin.do(publish('access'));

    assert.deepEqual(steps(answer), [
      ['12 published secrets created', true],
      ['settings changed', true],
      ['published', true],
    ]);
    assert.equal(answer.lanes, 12);
    const published = await admin.world.published('acme');
    assert.equal(published.generation, 1);
    assert.equal(published.access_token, (await admin.world.accessToken('acme'))?.reveal());
    assert.equal(admin.world.endpoint.received.length, posts, 'publishing spends nothing');
  });

  it('from the access token to the pair writes the same pair again at once, now with the refresh token', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    assert.equal((await admin.world.published('acme')).refresh_token, undefined);
    await admin.do(publish('pair'));
    const { generation, refresh_token } = await admin.world.published('acme');
    assert.equal(generation, 1);
    assert.match(refresh_token ?? '', /^fake-refresh-/);
    assert.ok(await admin.world.chainLives('acme'));
  });

  it('from the pair to the access token takes the refresh token out of what is current at once', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'pair' });
    const answer = await admin.do(publish('access'));
    assert.equal(answer.published_generation, 1);
    const { generation, refresh_token } = await admin.world.published('acme');
    assert.deepEqual([generation, refresh_token], [1, undefined]);
  });

  it('is left to the next tick when the refresh function is away, and says so', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'pair' });
    admin.isRefreshAway = true;
    const answer = await admin.do(publish('access'));
    assert.match(
      answer.steps.at(-1).detail,
      /not yet \(the refresh function did not answer\); the next tick/,
    );
    await admin.world.tick();
    assert.equal((await admin.world.published('acme')).refresh_token, undefined);
  });

  for (const from of ['access', 'pair'] as const) {
    it(`from ${from} to nothing leaves nothing to read, and no setting or token else is changed`, async () => {
      const admin = new AdminWorld();
      await admin.register('acme', { publish: from });
      const { pair } = await admin.record('acme');
      const answer = await admin.do(publish('none'));
      assert.deepEqual(steps(answer), [
        ['settings changed', true],
        ['published secrets deleted', true],
      ]);
      assert.deepEqual(admin.world.secrets.names(), ['renova/prd/acme/client']);
      assert.deepEqual((await admin.record('acme')).pair, pair);
      await admin.world.ticks(5);
      assert.deepEqual(admin.world.secrets.names(), ['renova/prd/acme/client']);
    });
  }

  it('to nothing and back publishes the current pair again', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.do(publish('none'));
    await admin.do(publish('access'));
    assert.equal((await admin.world.published('acme')).generation, 1);
  });

  it('to the pair and back takes the refresh token out again, though the same was published before', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    for (const what of ['pair', 'access', 'pair', 'access']) await admin.do(publish(what));
    assert.equal((await admin.world.published('acme')).refresh_token, undefined);
  });

  it('to nothing waits for a refresh that is just publishing, which would create its lane again', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const { world } = admin;
    slowPuts(admin, 3000);
    const refreshed = admin.doNow({ action: 'refresh', credential: 'acme', force: true });
    await world.clock.advance(0);
    const answer = await admin.do(publish('none'));
    await world.drive(refreshed);
    assert.equal(answer.steps.at(-1).ok, true);
    assert.deepEqual(world.secrets.names(), ['renova/prd/acme/client']);
  });

  it('to nothing says so when that refresh takes too long, and can be done again', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const { world } = admin;
    slowPuts(admin, 20_000);
    const refreshed = admin.doNow({ action: 'refresh', credential: 'acme', force: true });
    await world.clock.advance(0);
    const answer = await admin.do(publish('none'));
    assert.equal(answer.steps.at(-1).ok, false);
    assert.match(answer.steps.at(-1).detail, /may publish once more: set publish to none again in a minute$/);
    await world.drive(refreshed);
    await admin.do(publish('none'));
    assert.deepEqual(world.secrets.names(), ['renova/prd/acme/client']);
  });

  it('to what it is already writes nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.do(publish('access'));
    assert.equal((await admin.record('acme')).publication.generation, 1);
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

function steps({ steps }: { steps: { step: string; ok: boolean }[] }): [string, boolean][] {
  return steps.map(({ step, ok }) => [step, ok]);
}

function slowPuts({ world }: AdminWorld, ms: number): void {
  const put = world.secrets.put.bind(world.secrets);
  world.secrets.put = async (...given) => {
    await world.clock.sleep(ms);
    return put(...given);
  };
}
