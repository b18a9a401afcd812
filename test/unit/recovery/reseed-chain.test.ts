import assert from 'node:assert/strict';
import { it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { reseedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { World } from '../../support/world.ts';

it('a credential that is removed while it is reseeded stays removed, and the reseed says so', async () => {
  const world = new World();
  await world.seed('acme');
  const { container, sealer } = world;
  const sealPair = sealer.sealPair.bind(sealer);
  let seals = 0;
  sealer.sealPair = async (...given) => {
    seals += 1;
    // Else a reseed that never ends would be seen by no assertion.
    if (seals > 3) throw new Error('it goes on and on');
    await applyTransition(container, 'acme', (record) => ({ ...record, state: 'removed', pair: undefined }));
    return sealPair(...given);
  };
  const refreshToken = world.provider.login();
  const reseed = { credential: 'acme', chain: 'second', refreshToken };
  const { result } = await world.drive(reseedChain(container, reseed));
  assert.equal(result, 'unknown-credential');
  assert.equal((await world.record('acme')).state, 'removed');
});
