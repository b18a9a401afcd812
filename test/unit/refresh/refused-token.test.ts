import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import { crashAfterBegin } from '../../support/crash.ts';
import { World } from '../../support/world.ts';

const REFUSED = { kind: 'refused-grant', reason: 'invalid_grant' } as const satisfies Outcome;

/** `count` credentials that are well, each with a token that lives. */
async function wellWorld(count: number): Promise<{ world: World; ids: string[] }> {
  const world = new World();
  const ids = Array.from({ length: count }, (_, index) => `acme-${index}`);
  for (const id of ids) await world.seed(id, { quota: undefined });
  await world.ticks(2);
  return { world, ids };
}

async function states(world: World, ids: readonly string[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await world.record(id)).state));
}

describe('a refresh token that the provider refuses', () => {
  it('ends its chain within three minutes when it is alone, after two posts', async () => {
    const { world, ids } = await wellWorld(3);
    const { endpoint, clock } = world;
    const dead = await refreshTokenOf(world, 'acme-0');
    let firstAtMs = 0;
    let posts = 0;
    endpoint.playAlways((request) => {
      if (request.refreshToken?.reveal() !== dead) return world.provider.answer(request);
      firstAtMs ||= clock.nowMs();
      posts += 1;
      return REFUSED;
    });
    await world.ticks(8);
    assert.deepEqual(await states(world, ids), ['lapsed', 'active', 'active']);
    const { lapse } = await world.record('acme-0');
    assert.equal(posts, 2);
    assert.ok(
      (lapse?.atMs ?? 0) - firstAtMs <= 180_000,
      `declared after ${(lapse?.atMs ?? 0) - firstAtMs} ms`,
    );
  });

  it('ends no chain at the first refusal when it came in an answer without an access token', async () => {
    const { world, ids } = await wellWorld(3);
    const spent = await refreshTokenOf(world, 'acme-0');
    let half: string | undefined;
    let refusals = 0;
    world.endpoint.playAlways((request) => {
      const posted = request.refreshToken?.reveal();
      if (posted === half && refusals === 0) {
        refusals += 1;
        return REFUSED;
      }
      const outcome = world.provider.answer(request);
      if (posted !== spent || outcome.kind !== 'success') return outcome;
      const { refreshToken } = outcome.response;
      half = refreshToken?.reveal();
      return { kind: 'garbled', body: new Secret('{"refresh_token":"fake-half'), refreshToken };
    });
    await world.ticks(10);
    assert.equal(refusals, 1);
    assert.deepEqual(await states(world, ids), ['active', 'active', 'active']);
    assert.ok(await world.chainLives('acme-0'));
    assert.ok(world.provider.accepts(await world.accessToken('acme-0')));
  });

  for (const [minutes, count] of [
    [2, 12],
    [15, 12],
    [15, 3],
  ] as const) {
    it(`costs none of ${count} chains while the provider refuses everybody for ${minutes} minutes`, async () => {
      const { world, ids } = await wellWorld(count);
      world.endpoint.playAlways(REFUSED);
      await world.ticks(minutes);
      world.endpoint.playAlways(world.provider.answer);
      await world.ticks(20);
      assert.deepEqual(
        await states(world, ids),
        ids.map(() => 'active'),
      );
      for (const id of ids) assert.ok(await world.chainLives(id), id);
    });
  }

  it('is not believed within minutes while the provider has not got over an outage', async () => {
    const { world } = await wellWorld(1);
    world.endpoint.playAlways({ kind: 'unknown', reason: 'http-503' });
    await world.ticks(12);
    world.endpoint.playAlways(REFUSED);
    await world.ticks(15);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(20);
    assert.deepEqual(await states(world, ['acme-0']), ['active']);
    assert.ok(await world.chainLives('acme-0'));
  });

  it('is not believed within minutes while the provider serves nobody else', async () => {
    const { world, ids } = await wellWorld(4);
    const refused = await refreshTokenOf(world, 'acme-0');
    world.endpoint.playAlways((request) =>
      request.refreshToken?.reveal() === refused ? REFUSED : { kind: 'unknown', reason: 'http-503' },
    );
    for (const id of ids.slice(1)) await world.refresh(id, { force: true });
    await world.ticks(15);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(20);
    assert.deepEqual(
      await states(world, ids),
      ids.map(() => 'active'),
    );
  });

  it('is not believed before another credential has been served since', async () => {
    const { world, ids } = await wellWorld(2);
    const served = await refreshTokenOf(world, 'acme-1');
    world.endpoint.playAlways(REFUSED);
    await world.refresh('acme-0', { force: true });
    await world.clock.advance(world.timing.refusalQuietMs);
    // It has half of its life left, and nobody asks for it: so nothing is known of the provider.
    await world.refresh('acme-0', { force: true });
    assert.deepEqual(await states(world, ids), ['active', 'active']);
    world.endpoint.playAlways((request) =>
      request.refreshToken?.reveal() === served ? world.provider.answer(request) : REFUSED,
    );
    await world.ticks(3);
    assert.deepEqual(await states(world, ids), ['lapsed', 'active']);
  });

  it('does not give way to an older pair while it has not ended', async () => {
    const { world, ids } = await wellWorld(3);
    const current = await refreshTokenOf(world, 'acme-0');
    await applyTransition(world.container, 'acme-0', (record) => {
      const { pair, aside } = record;
      const older = pair && { ...pair, attempt: 'older', issuedAtMs: pair.issuedAtMs - 1 };
      return older && { ...record, aside: { ...aside, spares: [older] } };
    });
    world.endpoint.playAlways(REFUSED);
    await world.ticks(4);
    world.endpoint.playAlways(world.provider.answer);
    assert.equal(await refreshTokenOf(world, 'acme-0'), current);
    await world.ticks(20);
    assert.deepEqual(await states(world, ids), ['active', 'active', 'active']);
    assert.ok(await world.chainLives('acme-0'));
  });

  it('is asked about twice more after an attempt that left no trace: the provider may have taken it meanwhile', async () => {
    const { world } = await wellWorld(3);
    const posted = await refreshTokenOf(world, 'acme-0');
    // Good for a while after it was replaced, and refused by mistake on both sides of a crash.
    const refusals = [true, true];
    world.endpoint.playAlways((request) =>
      request.refreshToken?.reveal() === posted && refusals.pop() ? REFUSED : world.provider.answer(request),
    );
    await world.refresh('acme-0', { force: true });
    await world.clock.advance(world.timing.refusalQuietMs);
    await crashAfterBegin(world, 'acme-0');
    await world.ticks(10);
    assert.deepEqual(refusals, []);
    assert.equal((await world.record('acme-0')).state, 'active');
    assert.ok(await world.chainLives('acme-0'));
  });

  it('ends its chain within minutes after an answer that was lost', async () => {
    const { world } = await wellWorld(3);
    const spent = await refreshTokenOf(world, 'acme-0');
    world.endpoint.play({ kind: 'unknown', reason: 'ECONNRESET' });
    await world.refresh('acme-0', { force: true });
    world.endpoint.playAlways((request) =>
      request.refreshToken?.reveal() === spent ? REFUSED : world.provider.answer(request),
    );
    await world.ticks(6);
    const { state, lapse } = await world.record('acme-0');
    assert.deepEqual([state, lapse?.afterUnknown], ['lapsed', true]);
  });

  it('does not wait for ever when the chains of all have ended', async () => {
    const { world, ids } = await wellWorld(3);
    world.endpoint.playAlways(REFUSED);
    await world.ticks(45);
    assert.deepEqual(
      await states(world, ids),
      ids.map(() => 'lapsed'),
    );
  });

  it('is not believed twice within a minute, however an operator insists', async () => {
    const { world } = await wellWorld(1);
    world.endpoint.playAlways(REFUSED);
    for (let times = 0; times < 5; times += 1) {
      assert.equal((await world.refresh('acme-0', { force: true })).result, 'failed');
      await world.clock.advance(world.timing.providerQuietMs);
    }
    assert.equal((await world.record('acme-0')).state, 'active');
  });

  it('comes back to life by a forced refresh when the provider takes it after all', async () => {
    const { world } = await wellWorld(1);
    world.endpoint.playAlways(REFUSED);
    await world.ticks(6);
    assert.equal((await world.record('acme-0')).state, 'lapsed');
    assert.equal((await world.refresh('acme-0', { force: true })).result, 'lapsed');
    await world.clock.advance(world.timing.providerQuietMs);
    world.endpoint.playAlways({ kind: 'unknown', reason: 'http-503' });
    assert.equal((await world.refresh('acme-0', { force: true })).result, 'failed');
    assert.deepEqual(
      [(await world.record('acme-0')).state, (await world.record('acme-0')).attempt],
      ['lapsed', undefined],
    );
    world.endpoint.playAlways(world.provider.answer);
    assert.equal((await world.refresh('acme-0', { force: true })).result, 'refreshed');
    const { state, lapse, refusals } = await world.record('acme-0');
    assert.deepEqual([state, lapse, refusals], ['active', undefined, undefined]);
    await world.tick();
    assert.ok(world.events.accepted.some(({ type }) => type === 'Credential Recovered'));
  });
});

describe('a provider that is back', () => {
  it('is asked at once for all that failed there, whatever their back-off', async () => {
    const { world, ids } = await wellWorld(5);
    world.endpoint.playAlways({ kind: 'unknown', reason: 'http-503' });
    await world.ticks(90);
    world.endpoint.playAlways(world.provider.answer);
    await world.clock.advance(1);
    assert.equal((await world.refresh('acme-0', { force: true })).result, 'refreshed');
    await world.ticks(2);
    for (const id of ids) assert.equal((await world.record(id)).failure, undefined, id);
  });
});

async function refreshTokenOf(world: World, id: string): Promise<string | undefined> {
  return (await world.sealer.refreshToken(id, (await world.record(id)).pair ?? never()))?.reveal();
}

function never(): never {
  throw new Error('it has a pair');
}
