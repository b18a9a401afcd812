import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import { AdminWorld } from './admin-world.ts';

const remove = { action: 'remove', credential: 'acme' };
const force = { action: 'refresh', credential: 'acme', force: true };

describe('removing a credential', () => {
  it('that is just being published waits for it, and leaves no secret', async () => {
    const admin = await registered();
    const { world } = admin;
    const put = world.secrets.put.bind(world.secrets);
    world.secrets.put = async (...given) => {
      await world.clock.sleep(3000);
      return put(...given);
    };
    const refreshed = admin.doNow(force);
    await world.clock.advance(0);

    const removal = admin.doNow(remove);
    await world.clock.advance(2999);
    assert.equal((await admin.record('acme')).state, 'active', 'not yet');
    assert.deepEqual(await world.drive(removal), { credential: 'acme', state: 'removed' });

    await world.drive(refreshed);
    assert.deepEqual(world.secrets.names(), []);
  });

  it('whose publisher died is refused until its lease is over, and then leaves no secret', async () => {
    const admin = await registered();
    const { world } = admin;
    world.secrets.put = () => new Promise<void>(() => undefined);
    const startMs = world.clock.nowMs();
    void admin.doNow(force).catch(() => undefined);
    await world.clock.advance(0);
    world.ledger.save = () => new Promise<void>(() => undefined);
    const error = await admin.refused(remove, 'being-published');
    assert.match(error.remedy ?? '', /^Try again in 50 s\.$/);
    assert.equal((await admin.record('acme')).state, 'active');
    Reflect.deleteProperty(world.ledger, 'save');
    await world.clock.advance(startMs + world.timing.leaseMs - 10_001 - world.clock.nowMs());
    await admin.refused(remove, 'being-published');
    await world.clock.advance(1);
    await admin.do(remove);
    assert.deepEqual(world.secrets.names(), []);
  });

  it('does not wait for a provider: what it answers later is dropped', async () => {
    const admin = await registered();
    const { world } = admin;
    const answer = Promise.withResolvers<void>();
    const { answer: give } = world.provider;
    world.endpoint.playAlways(async (request) => {
      await answer.promise;
      return give(request);
    });
    const refreshed = admin.doNow(force).catch((error: { code: string }) => error.code);
    await world.clock.advance(0);
    const startMs = world.clock.nowMs();
    await admin.do(remove);
    assert.ok(world.clock.nowMs() - startMs < 250);
    answer.resolve();
    assert.equal(await world.drive(refreshed), 'unknown-credential');
    assert.equal(world.provider.reused, 0);
    assert.equal((await admin.record('acme')).pair, undefined);
    assert.deepEqual(world.secrets.names(), []);
  });

  it('deletes lanes that the record does not know of, too', async () => {
    const admin = await registered();
    const { secrets, names } = admin.world;
    await secrets.create(names.lane('acme', 19), new Secret('fake-token-of-yore'));
    await admin.do(remove);
    assert.deepEqual(secrets.names(), []);
  });
});

async function registered(): Promise<AdminWorld> {
  const admin = new AdminWorld();
  await admin.register('acme');
  await admin.world.clock.advance(60_000);
  return admin;
}
