import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reseedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { soon } from './beginnings.ts';
import { struckContainer } from './faults.ts';
import type { Passage } from './port-calls.ts';
import { ProtocolWorld } from './protocol-world.ts';
import { CREDENTIAL } from './surroundings.ts';

test('the end of a chain that was reseeded meanwhile does not end the new one', async () => {
  const world = new ProtocolWorld();
  await world.register();
  await loseAnAnswer(world);
  const refusal = Promise.withResolvers<void>();
  const old = world.container('old', {
    before: async () => undefined,
    after: ({ operation }) => (operation === 'post' ? refusal.promise : Promise.resolve()),
  } satisfies Passage);
  const refreshing = old.refresh();
  await world.clock.advance(0);
  assert.equal(world.posts.length, 2, 'the spent token is posted again');

  const { context } = world.container('operator');
  const reseed = { credential: CREDENTIAL, chain: 'new-chain', refreshToken: world.provider.login() };
  await reseedChain(context, reseed);
  refusal.resolve();

  assert.equal((await soon(world, refreshing)).result, 'waiting');
  assert.deepEqual([world.record.state, world.record.chain], ['active', 'new-chain']);
  assert.ok(world.provider.takes((await world.currentTokens()).refresh));
});

/** The provider has rotated, whoever asked it is dead, and the time in which its pair could turn up is over. */
async function loseAnAnswer(world: ProtocolWorld): Promise<void> {
  const { container, begin } = struckContainer(world, 'dead', undefined, ({ name }) => {
    if (name === 'keep') container.isDead = true;
    return false;
  });
  begin();
  void container.refresh();
  await world.clock.advance(world.timing.storeByMs + world.timing.quietMs);
}
