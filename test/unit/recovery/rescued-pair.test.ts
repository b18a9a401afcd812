import assert from 'node:assert/strict';
import { it } from 'node:test';
import { World } from '../../support/world.ts';

it('before a lapse, a rescued pair of the current generation that was never tried is tried', async () => {
  const world = new World();
  await world.seed('acme');
  await world.refresh('acme');
  const { pair } = await world.record('acme');
  assert.ok(pair);
  const tokens = {
    accessToken: pair && (await world.accessToken('acme')),
    refreshToken: world.provider.login(),
  };
  // Two answers became the same generation: one was kept, the other one could only be rescued.
  const { sealedAccess: _, sealedRefresh: __, ...rest } = pair;
  const rescued = await world.sealer.sealPair('acme', { ...rest, attempt: 'late' }, tokens);
  await world.container.rescue.put('acme', rescued);

  world.endpoint.play({ kind: 'refused-grant', reason: 'invalid_grant' });
  assert.equal((await world.refresh('acme', { force: true })).result, 'adopted');

  assert.equal((await world.refresh('acme')).result, 'refreshed');
  assert.equal((await world.record('acme')).state, 'active');
});
