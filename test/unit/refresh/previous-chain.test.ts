import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { reseedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import type { ProviderOutcome } from '../../support/fakes/scripted-token-endpoint.ts';
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
    await world.ticks(1);
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

describe('a chain whose refresh token may have been spent', () => {
  const mistyped = { credential: 'acme', chain: 'new', refreshToken: new Secret('fake-mistyped') };

  it('is gone back to with its doubt, and lives on if its answer was never given', async () => {
    const world = await inDoubt({ kind: 'unknown', reason: 'ECONNRESET' });
    await world.drive(reseedChain(world.container, mistyped));
    const { reason } = await world.refresh('acme', { force: true });
    assert.equal(reason, 'previous-chain');
    assert.ok((await world.record('acme')).doubt, 'it is not forgotten that an answer was lost');
    await world.ticks(3);
    assert.ok(world.provider.accepts(await world.accessToken('acme')));
    assert.equal(world.provider.reused, 0);
  });

  it('is gone back to with the pair that came meanwhile', async () => {
    const world = await inDoubt();
    const answer = world.endpoint.playHeld(world.provider.answer);
    const refreshing = world.refresh('acme', { force: true });
    await answer.arrived;
    refusingUnknownTokens(world);
    await world.drive(reseedChain(world.container, mistyped));
    answer.release();
    assert.equal((await refreshing).result, 'waiting');
    const { aside } = await world.record('acme');
    assert.equal(aside.spares.length, 1);
    await world.refresh('acme', { force: true }, world.newContainer());
    await world.ticks(3);
    assert.ok(await world.chainLives('acme'));
    assert.ok(world.provider.accepts(await world.accessToken('acme')));
    assert.equal(world.provider.reused, 0, 'the spent token is not tried');
  });

  it('is gone back to while its answer is still on its way', async () => {
    const world = await inDoubt();
    const answer = world.endpoint.playHeld(world.provider.answer);
    const refreshing = world.refresh('acme', { force: true });
    await answer.arrived;
    refusingUnknownTokens(world);
    await world.drive(reseedChain(world.container, mistyped));
    const other = world.newContainer();
    assert.equal((await world.refresh('acme', { force: true }, other)).reason, 'previous-chain');
    assert.equal((await world.refresh('acme', { force: true }, other)).reason, 'attempt-in-flight');
    answer.release();
    assert.equal((await refreshing).result, 'refreshed');
    assert.ok(await world.chainLives('acme'));
    assert.equal(world.provider.reused, 0);
  });

  it('is gone back to with the rescue copy of a pair that the ledger did not take', async () => {
    const world = await inDoubt();
    let begun = false;
    world.fault = (store, operation) =>
      store === 'ledger' && operation === 'save' && begun ? 'before' : undefined;
    world.endpoint.play((request) => {
      begun = true;
      return world.provider.answer(request);
    });
    assert.equal((await world.refresh('acme', { force: true })).reason, 'rescue');
    world.fault = () => undefined;
    assert.ok((await world.record('acme')).attempt);
    refusingUnknownTokens(world);
    const other = world.newContainer();
    await world.drive(reseedChain(other, mistyped));
    await world.refresh('acme', { force: true }, other);
    assert.ok(await world.chainLives('acme'));
    await world.drive(world.ticks(3));
    assert.equal(world.provider.reused, 0);
  });

  async function inDoubt(outcome?: ProviderOutcome): Promise<World> {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    await world.clock.advance(150_000);
    if (!outcome) return world;
    world.endpoint.play(outcome);
    await world.refresh('acme');
    refusingUnknownTokens(world);
    return world;
  }
});

describe('a chain that has lapsed', () => {
  const reseed = { credential: 'acme', chain: 'new', refreshToken: new Secret('fake-mistyped') };

  it('is lapsed again when a mistyped reseed was refused twice, and can still be revived', async () => {
    const world = await lapsedWorld();
    const before = await world.record('acme');
    await world.drive(reseedChain(world.container, reseed));
    assert.equal((await world.refresh('acme', { force: true })).reason, 'refused-token');
    await world.ticks(3);
    const after = await world.record('acme');
    assert.deepEqual([after.state, after.lapse, after.chain], ['lapsed', before.lapse, before.chain]);
    const lapsed = world.events.accepted.filter(({ type }) => type === 'Credential Lapsed');
    assert.equal(lapsed.length, 1, 'and it is not told anew');
    await world.ticks(5);
    refusingUnknownTokens(world);
    assert.equal((await world.refresh('acme', { force: true })).result, 'refreshed');
  });

  it('goes on with a good reseed that the provider refuses once by mistake', async () => {
    const world = await lapsedWorld();
    const refreshToken = world.provider.login();
    await world.drive(reseedChain(world.container, { ...reseed, refreshToken }));
    assert.equal((await world.refresh('acme', { force: true })).reason, 'refused-token');
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(3);
    const { state, chain } = await world.record('acme');
    assert.deepEqual([state, chain], ['active', 'new']);
  });

  async function lapsedWorld(): Promise<World> {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    world.endpoint.playAlways({ kind: 'refused-grant', reason: 'invalid_grant' });
    while ((await world.record('acme')).state !== 'lapsed') await world.ticks(1);
    return world;
  }
});

describe('a seed that has brought nothing yet', () => {
  it('is gone back to from a mistyped one, and from there to the chain before both', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    world.endpoint.playAlways({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    const seeds = [new Secret('fake-mistyped'), world.provider.login(), new Secret('fake-mistyped-too')];
    for (const [place, refreshToken] of seeds.entries()) {
      const reseed = { credential: 'acme', chain: `new-${place}`, refreshToken };
      await world.drive(reseedChain(world.container, reseed));
    }
    refusingUnknownTokens(world);
    assert.equal((await world.refresh('acme', { force: true })).reason, 'previous-chain');
    assert.equal((await world.record('acme')).chain, 'new-1', 'the good one of the three');
    assert.equal((await world.refresh('acme', { force: true })).result, 'refreshed');
    const { aside } = await world.record('acme');
    assert.equal(aside.previous, undefined);

    const only = new World();
    await only.seed('acme');
    await only.refresh('acme');
    const { chain } = await only.record('acme');
    for (let place = 0; place < 8; place += 1) {
      const reseed = { credential: 'acme', chain: `bad-${place}`, refreshToken: new Secret(`fake-${place}`) };
      await only.drive(reseedChain(only.container, reseed));
    }
    refusingUnknownTokens(only);
    for (let time = 0; time < 4; time += 1) await only.refresh('acme', { force: true });
    assert.equal((await only.record('acme')).chain, chain, 'however often it was mistyped');
  });
});

describe('a login that a person mistyped', () => {
  it('leaves the chain of a credential that logs in by itself', async () => {
    const world = new World();
    await world.seed('acme', { grant: 'password' });
    const login = { client_id: 'fake-id', client_secret: 'fake-secret', username: 'fake', password: 'fake' };
    await world.secrets.put(world.names.client('acme'), renderClient(login));
    world.endpoint.play({
      kind: 'success',
      response: {
        accessToken: new Secret('fake-access-0'),
        refreshToken: world.provider.login(),
        tokenType: 'Bearer',
        expiresInSeconds: 300,
      },
    });
    await world.refresh('acme');
    refusingUnknownTokens(world);
    await world.drive(reseedChain(world.container, { credential: 'acme', chain: 'new' }));
    assert.equal((await world.refresh('acme', { force: true })).reason, 'previous-chain');
    assert.ok(await world.chainLives('acme'));
  });
});

describe('a reseed beside a refresh', () => {
  const reseed = (world: World, waitMs: number) => ({
    credential: 'acme',
    chain: 'new',
    refreshToken: world.provider.login(),
    waitMs,
  });

  it('waits for it, and begins after the pair that it brought', async () => {
    const { world, answer, refreshing } = await inFlight();
    const reseeding = world.drive(reseedChain(world.newContainer(), reseed(world, 10_000)));
    await world.clock.advance(5000);
    assert.notEqual((await world.record('acme')).chain, 'new');
    answer.release();
    assert.equal((await refreshing).result, 'refreshed');
    assert.equal((await reseeding).result, 'begun');
    const record = await world.record('acme');
    assert.deepEqual([record.chain, record.generation], ['new', 2]);
    assert.equal(record.aside.previous?.pair.generation, 2);
  });

  it('is refused when that takes too long, and nothing is changed', async () => {
    const { world, answer, refreshing } = await inFlight();
    const before = await world.record('acme');
    const done = await world.drive(reseedChain(world.newContainer(), reseed(world, 10_000)));
    assert.equal(done.result, 'in-flight');
    assert.deepEqual(await world.record('acme'), before);
    answer.release();
    assert.equal((await refreshing).result, 'refreshed');
  });

  async function inFlight() {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    await world.clock.advance(150_000);
    const answer = world.endpoint.playHeld(world.provider.answer);
    const refreshing = world.refresh('acme');
    await answer.arrived;
    return { world, answer, refreshing };
  }
});
