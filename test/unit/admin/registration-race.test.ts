import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FUNCTIONS } from '../../../shared/config/functions.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { failing } from '../../support/world.ts';
import { AdminWorld } from './admin-world.ts';

const RACERS = 5;

describe('registrations of one id at the same time', () => {
  /** Every racer is delayed differently, so that they meet at every step of one another. */
  for (const staggerMs of [0, 1, 7, 50]) {
    it(`have one winner, whose client secret stays (${staggerMs} ms apart)`, async () => {
      const admin = new AdminWorld();
      const { world } = admin;
      const requests = Array.from({ length: RACERS }, (_, at) =>
        admin.request('acme', { client: clientOf(at), scope: `fake-scope-${at}` }),
      );
      let call = 0;
      const delays = world.secrets;
      const create = delays.create.bind(delays);
      // The vault is slow, and slower for some: what is written last is not what was asked first.
      delays.create = async (...given) => {
        call += 1;
        await world.clock.sleep((RACERS - (call % RACERS)) * 10);
        return create(...given);
      };

      const outcomes = await world.drive(
        Promise.allSettled(
          requests.map(async (request, at) => {
            await world.clock.sleep(at * staggerMs);
            return admin.doNow(request);
          }),
        ),
      );

      const winners = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
      assert.equal(winners.length, 1, `winners: ${winners}`);
      const [winner = -1] = winners;
      assert.deepEqual(await admin.client('acme'), clientOf(winner));
      const record = await admin.record('acme');
      assert.equal(record.scope, `fake-scope-${winner}`);
      assert.equal(record.generation, 1);
      assert.equal(world.endpoint.received.length, 1, 'only the winner posted');
      assert.equal(world.endpoint.received[0]?.request.client.clientId, clientOf(winner).client_id);
      assert.ok(world.provider.accepts(await world.accessToken('acme')));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') {
          assert.match(outcome.reason.code, /^(already-registered|refresh-service-unavailable)$/);
        }
      }
    });
  }

  it('one after the other: the second is refused and has touched nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { client: clientOf(0) });
    await admin.refused(admin.request('acme', { client: clientOf(1) }), 'already-registered');
    assert.deepEqual(await admin.client('acme'), clientOf(0));
  });
});

describe('removing and registering again at once', () => {
  it('goes on with the generations, round after round, in every lane', async () => {
    const admin = new AdminWorld();
    let before = 0;
    for (let round = 0; round < 4; round += 1) {
      const answer = await admin.register('acme', { client: clientOf(round) });
      assert.equal(answer.state, 'active');
      assert.equal(answer.generation, before + 1);
      assert.equal(answer.published_generation, before + 1);
      assert.deepEqual(await admin.client('acme'), clientOf(round));
      const refreshed = await admin.do({ action: 'refresh', credential: 'acme', force: true });
      before = refreshed.generation;
      assert.equal((await admin.world.published('acme')).generation, before);
      await admin.do({ action: 'remove', credential: 'acme' });
    }
    assert.equal(admin.world.provider.reused, 0);
  });
});

describe('registering an id whose secrets are just being deleted', () => {
  it('is refused until they are gone, and then keeps its client secret', async () => {
    const admin = await removing();
    const error = await admin.refused(admin.request('acme', { client: clientOf(2) }), 'being-removed');
    assert.match(error.remedy ?? '', /Try again in a moment; in 100 s, if the removal was cut off/);
    await admin.refused({ action: 'remove', credential: 'acme' }, 'being-removed');

    await admin.world.clock.advance(SLOW_MS);

    await admin.register('acme', { client: clientOf(2) });
    assert.deepEqual(await admin.client('acme'), clientOf(2));
  });

  it('is refused too when the removal begins between the look and the seed', async () => {
    const admin = new AdminWorld();
    const { world, context } = admin;
    await admin.register('acme', { client: clientOf(1) });
    await admin.do({ action: 'remove', credential: 'acme' });
    const request = admin.request('acme', { client: clientOf(2) });
    const { refreshService } = context;
    const seed = refreshService.seed.bind(refreshService);
    let removal: Promise<unknown> | undefined;
    refreshService.seed = async (given) => {
      slowDeletions(admin);
      removal ??= admin.doNow({ action: 'remove', credential: 'acme' });
      await world.clock.sleep(1);
      return seed(given);
    };
    await admin.refused(request, 'already-registered');
    await world.drive(removal ?? Promise.reject(new Error('nothing was removed')));
    await admin.do(request);
    assert.deepEqual(await admin.client('acme'), clientOf(2));
  });

  it('is possible when the function of a removal that was cut off is at its end, and so is removing again', async () => {
    for (const again of ['register', 'remove'] as const) {
      const admin = new AdminWorld();
      await admin.register('acme', { client: clientOf(1) });
      admin.world.secrets.remove = () => new Promise<void>(() => undefined);
      void admin.doNow({ action: 'remove', credential: 'acme' });
      await admin.world.clock.advance(FUNCTIONS.admin.timeoutSeconds * 1000 - 1);
      const request = again === 'register' ? admin.request('acme') : { action: 'remove', credential: 'acme' };
      await admin.refused(request, 'being-removed');
      Reflect.deleteProperty(admin.world.secrets, 'remove');
      await admin.world.clock.advance(1);
      assert.equal((await admin.do(request)).state, again === 'register' ? 'active' : 'removed');
    }
  });

  it('is possible at once after a removal that failed', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { client: clientOf(1) });
    admin.world.fault = failing('vault', 'remove', 'before', 1, '/token/3');
    await assert.rejects(admin.do({ action: 'remove', credential: 'acme' }), StoreUnavailableError);
    await admin.register('acme', { client: clientOf(2) });
    assert.deepEqual(await admin.client('acme'), clientOf(2));
  });

  /** A credential whose removal is at work, and needs {@link SLOW_MS}. */
  async function removing(): Promise<AdminWorld> {
    const admin = new AdminWorld();
    await admin.register('acme', { client: clientOf(1) });
    slowDeletions(admin);
    void admin.doNow({ action: 'remove', credential: 'acme' });
    await admin.world.clock.advance(0);
    return admin;
  }

  function slowDeletions({ world }: AdminWorld): void {
    const remove = world.secrets.remove.bind(world.secrets);
    world.secrets.remove = async (...given) => {
      await world.clock.sleep(500);
      return remove(...given);
    };
  }
});

/** All lanes that there can be, client secret and rescue copy. */
const SLOW_MS = 22 * 500;

function clientOf(racer: number) {
  return { client_id: `fake-client-${racer}`, client_secret: `fake-client-secret-${racer}` };
}
