import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { reseedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { World } from '../../support/world.ts';

const refusingUnknownTokens = (world: World) =>
  world.endpoint.playAlways((request) =>
    world.provider.takes(request.refreshToken)
      ? world.provider.answer(request)
      : { kind: 'refused-grant', reason: 'invalid_grant' },
  );

async function reseeded(refreshToken: Secret, world = new World()): Promise<World> {
  await world.seed('acme');
  await world.refresh('acme');
  refusingUnknownTokens(world);
  await world.drive(reseedChain(world.container, { credential: 'acme', chain: 'new', refreshToken }));
  return world;
}

describe('a reseed of a chain that is well', () => {
  it('with a refresh token that the provider refuses leaves the chain as it was', async () => {
    const world = await reseeded(new Secret('fake-mistyped'));
    const before = await world.accessToken('acme');
    const refused = await world.refresh('acme', { force: true });
    assert.deepEqual([refused.result, refused.reason], ['failed', 'previous-chain']);

    const record = await world.record('acme');
    assert.deepEqual([record.state, record.generation, record.failure], ['active', 1, undefined]);
    assert.ok(await world.chainLives('acme'));
    assert.equal(before, undefined, 'a seed has no access token');
    assert.ok(world.provider.accepts(await world.accessToken('acme')));
    await world.clock.advance(150_000);
    assert.equal((await world.tick()).results.refreshed, 1);
  });

  it('twice with a bad refresh token leaves it as it was too', async () => {
    const world = await reseeded(new Secret('fake-mistyped'));
    const again = { credential: 'acme', chain: 'newer', refreshToken: new Secret('fake-mistyped-again') };
    await world.drive(reseedChain(world.container, again));
    await world.refresh('acme', { force: true });
    assert.ok(await world.chainLives('acme'));
  });

  it('that was paused has it refreshed again', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    await applyTransition(world.container, 'acme', (record) => ({ ...record, state: 'paused' }));
    refusingUnknownTokens(world);
    const reseed = { credential: 'acme', chain: 'new', refreshToken: new Secret('fake-mistyped') };
    await world.drive(reseedChain(world.container, reseed));
    await world.refresh('acme', { force: true });
    assert.equal((await world.record('acme')).state, 'active');
    assert.ok(await world.chainLives('acme'));
  });

  it('that is paused before the refusal stays paused', async () => {
    const world = await reseeded(new Secret('fake-mistyped'));
    const refusal = world.endpoint.playHeld({ kind: 'refused-grant', reason: 'invalid_grant' });
    const refreshing = world.refresh('acme', { force: true });
    await refusal.arrived;
    await applyTransition(world.container, 'acme', (record) => ({ ...record, state: 'paused' }));
    refusal.release();
    assert.equal((await refreshing).reason, 'previous-chain');
    assert.equal((await world.record('acme')).state, 'paused');
  });

  it('again while the bad refresh token is on its way keeps the new one', async () => {
    const world = await reseeded(new Secret('fake-mistyped'));
    const refusal = world.endpoint.playHeld({ kind: 'refused-grant', reason: 'invalid_grant' });
    const refreshing = world.refresh('acme', { force: true });
    await refusal.arrived;
    const better = { credential: 'acme', chain: 'better', refreshToken: world.provider.login() };
    await world.drive(reseedChain(world.container, better));
    refusal.release();
    assert.equal((await refreshing).result, 'waiting');
    assert.equal((await world.record('acme')).chain, 'better');
    assert.equal((await world.refresh('acme')).result, 'refreshed');
  });

  it('with a good one forgets it', async () => {
    const world = new World();
    await reseeded(world.provider.login(), world);
    assert.equal((await world.refresh('acme', { force: true })).result, 'refreshed');
    assert.equal((await world.record('acme')).aside.previous, undefined);
  });
});

it('a chain that may have been spent is not gone back to', async () => {
  const world = new World();
  await world.seed('acme');
  await world.refresh('acme');
  await world.clock.advance(150_000);
  world.endpoint.play({ kind: 'unknown', reason: 'ECONNRESET' });
  await world.refresh('acme');
  refusingUnknownTokens(world);
  const reseed = { credential: 'acme', chain: 'new', refreshToken: new Secret('fake-mistyped') };
  await world.drive(reseedChain(world.container, reseed));
  assert.equal((await world.refresh('acme', { force: true })).result, 'lapsed');
});

it('a chain whose refresh was on its way when it was reseeded is not gone back to', async () => {
  const world = new World();
  await world.seed('acme');
  await world.refresh('acme');
  const answer = world.endpoint.playHeld(world.provider.answer);
  const refreshing = world.refresh('acme', { force: true });
  await answer.arrived;
  refusingUnknownTokens(world);
  const reseed = { credential: 'acme', chain: 'new', refreshToken: new Secret('fake-mistyped') };
  await world.drive(reseedChain(world.container, reseed));
  assert.equal((await world.refresh('acme', { force: true }, world.newContainer())).result, 'lapsed');
  answer.release();
  assert.equal((await refreshing).result, 'waiting');
});
