import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdminWorld } from './admin-world.ts';

const NAME = '/renova/prd/acme/token';
const update = (more: object) => ({ action: 'update', credential: 'acme', ...more });

describe('a credential with a parameter', () => {
  it('has its token there from the first refresh on, and after each', async () => {
    const admin = new AdminWorld();
    const { parameter } = await admin.register('acme', { parameter: true });
    assert.equal(parameter, true);
    assert.equal(generation(admin), 1);
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    assert.equal(generation(admin), 2);
  });

  it('gets one, and loses it, by an update', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    assert.equal(admin.world.parameters.values.size, 0);

    await admin.do(update({ parameter: true }));
    assert.equal(generation(admin), 1);

    const { steps, parameter } = await admin.do(update({ parameter: false }));
    assert.equal(parameter, undefined);
    assert.ok(
      steps.some(({ step, ok }: { step: string; ok: boolean }) => step === 'parameter deleted' && ok),
    );
    assert.equal(admin.world.parameters.values.size, 0);
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    assert.equal(admin.world.parameters.values.size, 0);
  });

  it('loses it when it publishes no more, and when it is removed', async () => {
    for (const end of [update({ publish: 'none' }), { action: 'remove', credential: 'acme' }]) {
      const admin = new AdminWorld();
      await admin.register('acme', { parameter: true });
      await admin.do(end);
      assert.equal(admin.world.parameters.values.size, 0);
    }
  });

  it('is refused where nothing is published', async () => {
    const admin = new AdminWorld();
    const register = admin.request('acme', { parameter: true, publish: 'none' });
    const { field } = await admin.refused(register, 'invalid-request');
    assert.equal(field, 'parameter');
    await admin.refused(admin.request('acme', { parameter: true, mode: 'on-demand' }), 'invalid-request');
    await admin.register('acme', { publish: 'none' });
    await admin.refused(update({ parameter: true }), 'invalid-request');
    await admin.do(update({ parameter: true, publish: 'access' }));
    assert.equal(generation(admin), 1);
  });

  it('counts as unpublished while Parameter Store is away, and is repaired by the next tick', async () => {
    const admin = new AdminWorld();
    admin.world.parameters.isAway = true;
    const { published, warnings } = await admin.register('acme', { parameter: true });
    assert.equal(published, false);
    assert.match(warnings.join(), /not published yet/);
    admin.world.parameters.isAway = false;
    await admin.world.ticks(2);
    assert.equal(generation(admin), 1);
  });
});

function generation(admin: AdminWorld): unknown {
  return JSON.parse(admin.world.parameters.values.get(NAME) ?? '{}').generation;
}
