import assert from 'node:assert/strict';
import { it } from 'node:test';
import { World } from '../../support/world.ts';

it('fifty readers with the same report, of a token that is not renewed for it, are told of once', async () => {
  const world = new World();
  await world.seed('acme');
  await world.refresh('acme');
  assert.equal((await world.refresh('acme', { ifGeneration: 1, refused: true })).result, 'refreshed');
  const containers = Array.from({ length: 50 }, () => world.newContainer());
  await Promise.all(
    containers.map((container) => world.refresh('acme', { ifGeneration: 2, refused: true }, container)),
  );
  await world.ticks(2);
  const told = world.events.accepted.filter(({ type }) => type === 'Token Reported Refused');
  assert.equal(told.length, 1, 'one for as long as reports go on');
  assert.equal(world.provider.issued, 2);
});
