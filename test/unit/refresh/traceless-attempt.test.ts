import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import type { SealedPair } from '../../../shared/credential/credential.ts';
import { keep } from '../../../shared/credential/transitions/pair.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { crashAfterBegin } from '../../support/crash.ts';
import { World } from '../../support/world.ts';

/** The pair a crashed attempt got from the provider, sealed as it would have been stored. */
async function pairOf(world: World, attempt: { id: string; generation: number }): Promise<SealedPair> {
  const record = await world.record('acme');
  const refreshToken = record.pair && (await world.sealer.refreshToken('acme', record.pair));
  const outcome = world.provider.answer({
    tokenUrl: record.tokenUrl,
    clientAuth: 'post',
    client: { clientId: 'fake-id', clientSecret: new Secret('fake-secret') },
    grant: 'refresh_token',
    refreshToken,
    extra: {},
  });
  assert.equal(outcome.kind, 'success');
  if (outcome.kind !== 'success') throw new Error('unreachable');
  const nowMs = world.clock.nowMs();
  return world.sealer.sealPair(
    'acme',
    {
      chain: record.chain,
      generation: attempt.generation + 1,
      attempt: attempt.id,
      tokenType: 'Bearer',
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + 300_000,
      refreshAfterMs: nowMs + 150_000,
      refreshTokenExpiresAtMs: nowMs + 48 * 3_600_000,
    },
    outcome.response,
  );
}

describe('an attempt that left no trace', () => {
  it('keeps everybody from posting until its lease and the quiet time are over, however they insist', async () => {
    const world = new World();
    await world.seed('acme');
    await crashAfterBegin(world, 'acme');
    const quietMs = world.timing.storeByMs + world.timing.quietMs;
    while (world.clock.monotonicMs() < quietMs - 1000) {
      assert.equal((await world.refresh('acme', { force: true })).result, 'waiting');
      await world.clock.advance(500);
    }
    assert.equal(world.endpoint.received.length, 0);
    await world.clock.advance(1500);
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    assert.equal((await world.record('acme')).generation, 1);
  });

  it('is resolved by ticks alone before the token of the last refresh expires', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(3);
    const { pair } = await world.record('acme');
    await crashAfterBegin(world, 'acme');
    await world.ticks(2);
    const record = await world.record('acme');
    assert.equal(record.generation, 2);
    assert.ok((record.pair?.issuedAtMs ?? 0) <= (pair?.expiresAtMs ?? 0));
  });

  it('is resolved in time too when its lease ends moments after a tick has begun', async () => {
    const world = new World();
    await world.seed('acme');
    await world.ticks(3);
    const { pair } = await world.record('acme');
    await world.clock.advance(300);
    await crashAfterBegin(world, 'acme');
    await world.clock.advance(59_700);
    await world.ticks(2);
    const record = await world.record('acme');
    assert.equal(record.generation, 2);
    assert.ok((record.pair?.issuedAtMs ?? 0) < (pair?.expiresAtMs ?? 0));
  });

  it('is published by the next refresher when it had kept its pair', async () => {
    const world = new World();
    await world.seed('acme');
    const attempt = await crashAfterBegin(world, 'acme');
    const pair = await pairOf(world, attempt);
    await applyTransition(world.container, 'acme', (record) => keep(record, pair, 12));
    await world.clock.advance(world.timing.leaseMs);

    assert.equal((await world.refresh('acme')).result, 'published');

    assert.equal((await world.published('acme')).generation, 1);
    assert.equal((await world.record('acme')).attempt, undefined);
    assert.equal(world.endpoint.received.length, 0);
  });

  it('is adopted from the rescue secret as soon as its lease is over', async () => {
    const world = new World();
    await world.seed('acme');
    const attempt = await crashAfterBegin(world, 'acme');
    await world.container.rescue.put('acme', await pairOf(world, attempt));
    await world.clock.advance(world.timing.leaseMs);

    assert.equal((await world.refresh('acme')).result, 'adopted');

    assert.ok(await world.chainLives('acme'));
    assert.equal((await world.published('acme')).generation, 1);
    assert.equal(world.endpoint.received.length, 0);
  });

  it('is not resolved by a rescue copy of the pair that it was to replace', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    const { pair } = await world.record('acme');
    assert.ok(pair);
    await world.container.rescue.put('acme', pair);
    const { id } = await crashAfterBegin(world, 'acme');
    await world.clock.advance(world.timing.leaseMs);
    assert.equal((await world.refresh('acme', { force: true })).result, 'waiting');
    assert.equal((await world.record('acme')).attempt?.id, id);
  });

  it('leads to a lapse that admits an unknown outcome when the provider had rotated and nothing was stored', async () => {
    const world = new World();
    await world.seed('acme');
    const attempt = await crashAfterBegin(world, 'acme');
    await pairOf(world, attempt);
    await world.clock.advance(world.timing.storeByMs + world.timing.quietMs);

    assert.equal((await world.refresh('acme')).result, 'lapsed');

    const record = await world.record('acme');
    assert.deepEqual(
      [record.state, record.lapse?.reason, record.lapse?.afterUnknown],
      ['lapsed', 'grant-refused', true],
    );
  });

  it('still wins with a late answer, even over a lapse', async () => {
    const world = new World();
    await world.seed('acme');
    const attempt = await crashAfterBegin(world, 'acme');
    const pair = await pairOf(world, attempt);
    await world.clock.advance(world.timing.storeByMs + world.timing.quietMs);
    assert.equal((await world.refresh('acme')).result, 'lapsed');

    await applyTransition(world.container, 'acme', (record) => keep(record, pair, 12));
    await world.ticks(1);

    const record = await world.record('acme');
    assert.deepEqual([record.state, record.generation, record.lapse], ['active', 1, undefined]);
    assert.ok(await world.chainLives('acme'));
    assert.equal((await world.published('acme')).generation, 1);
  });

  it('makes way once it is paused and resumed without a post', async () => {
    const world = new World();
    await world.seed('acme');
    await crashAfterBegin(world, 'acme');
    await applyTransition(world.container, 'acme', (record) => ({ ...record, state: 'paused' }));
    await world.clock.advance(world.timing.storeByMs + world.timing.quietMs);
    assert.deepEqual(await world.refresh('acme'), { result: 'nothing', reason: 'paused', generation: 0 });
    const record = await world.record('acme');
    assert.equal(record.attempt, undefined);
  });
});
