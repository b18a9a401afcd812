import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { keepUnreadable } from '../../../shared/credential/transitions/notes.ts';
import type { RefreshContext } from '../../../shared/refresh/context.ts';
import { rotateSeal } from '../../../shared/refresh/operator/rotate-seal.ts';
import { reseedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { recoverChain } from '../../../shared/refresh/recovery/recover-chain.ts';
import { unreadableAnswers } from '../../../shared/refresh/recovery/unreadable-answer.ts';
import { refreshCredential } from '../../../shared/refresh/refresh-credential.ts';
import { JweSealer } from '../../../shared/sealing/jwe-sealer.ts';
import { newKeyRing } from '../../../shared/sealing/key-ring.ts';
import { KEY_HOLD_MS } from '../../../shared/sealing/rotate-ring.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import type { SecretStore } from '../../../shared/secret-store/secret-store.ts';
import { Publication } from '../../../shared/vault/publication.ts';
import { World } from '../../support/world.ts';

const RUN = { remainingMs: () => 600_000 };

/** A container with real seals, over the rings in the world's vault. */
function sealing(world: World): RefreshContext {
  const { secrets, names, clock, timing } = world;
  const rings = { access: names.accessRing, refresh: names.refreshRing };
  const sealer = world.busy.watch(new JweSealer(secrets, rings, clock));
  const publication = new Publication(secrets, names, sealer, clock, timing.dayMs);
  return { ...world.newContainer(), sealer, publication };
}

/** A fresh, a paused and an on-demand credential, each refreshed once under real seals. */
async function sealedWorld() {
  const world = new World();
  const { secrets, names } = world;
  for (const ring of [names.accessRing, names.refreshRing]) await secrets.create(ring, newKeyRing('1'));
  const container = sealing(world);
  Object.assign(world, { container });
  await world.seed('fresh');
  await world.seed('paused');
  await world.seed('on-demand', { mode: 'on-demand', publish: 'none' });
  for (const id of ['fresh', 'paused', 'on-demand']) {
    assert.equal((await refreshCredential(container, RUN, id, { priority: 'reader' })).result, 'refreshed');
  }
  await applyTransition(container, 'paused', (record) => ({ ...record, state: 'paused' }));
  const rings = { store: secrets, names: [names.accessRing, names.refreshRing] };
  return { world, container, rings };
}

describe('rotating the seal keys', () => {
  it('three times leaves every credential readable and refreshable, paused and on-demand ones too', async () => {
    const { world, container, rings } = await sealedWorld();
    for (let rotation = 1; rotation <= 3; rotation += 1) {
      await world.clock.advance(KEY_HOLD_MS);
      const { resealed, rings: kids } = await rotateSeal(container, rings, RUN);
      assert.equal(resealed, 3);
      for (const ring of Object.values(kids)) assert.ok(ring.length <= 3, `${ring.length} keys`);
    }
    await applyTransition(container, 'paused', (record) => ({ ...record, state: 'active' }));
    const cold = sealing(world);
    for (const id of ['fresh', 'paused', 'on-demand']) {
      const { pair } = await world.record(id);
      assert.ok(pair && (await cold.sealer.accessToken(id, pair)));
      assert.equal(
        (await refreshCredential(cold, RUN, id, { priority: 'reader', force: true })).result,
        'refreshed',
      );
    }
    assert.equal(world.provider.reused, 0);
  });

  it('seals the chain before a reseed anew, which may have to be gone back to', async () => {
    const { world, container, rings } = await sealedWorld();
    await reseedChain(container, {
      credential: 'fresh',
      chain: 'new',
      refreshToken: new Secret('fake-mistyped'),
    });
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await world.clock.advance(KEY_HOLD_MS);
      await rotateSeal(container, rings, RUN);
    }
    const { previous } = (await world.record('fresh')).aside;
    assert.ok(previous && (await sealing(world).sealer.refreshToken('fresh', previous.pair)));
  });

  it('seals every answer that nobody could read anew', async () => {
    const { world, container, rings } = await sealedWorld();
    const { chain, generation } = await world.record('fresh');
    const place = { credential: 'fresh', chain, generation };
    const bodies = ['fake-first', 'fake-second'];
    for (const body of bodies) {
      const sealedBody = await container.sealer.sealAnswer(new Secret(body), place);
      const answer = { atMs: world.clock.nowMs(), chain, generation, sealedBody };
      await applyTransition(container, 'fresh', (record) => keepUnreadable(record, answer));
    }
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await world.clock.advance(KEY_HOLD_MS);
      await rotateSeal(container, rings, RUN);
    }
    const opened = await unreadableAnswers(sealing(world), 'fresh');
    assert.deepEqual(
      opened.map(({ body }) => body.reveal()),
      bodies.toReversed(),
    );
  });

  it('drops the first key once nothing is sealed with it, and keeps the one before the current', async () => {
    const { world, container, rings } = await sealedWorld();
    await world.clock.advance(KEY_HOLD_MS);
    await rotateSeal(container, rings, RUN);
    await world.clock.advance(KEY_HOLD_MS);
    const { rings: kids } = await rotateSeal(container, rings, RUN);
    for (const ring of Object.values(kids)) assert.deepEqual([ring.length, ring.includes('1')], [2, false]);
  });

  it('keeps a key that another container may still seal with', async () => {
    const { world, container, rings } = await sealedWorld();
    const other = sealing(world);
    await other.sealer.ready();
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await world.clock.advance(1000);
      await rotateSeal(container, rings, RUN);
    }
    const done = await refreshCredential(other, RUN, 'fresh', { priority: 'reader', force: true });
    assert.equal(done.result, 'refreshed');
    const { pair } = await world.record('fresh');
    assert.ok(pair && (await sealing(world).sealer.refreshToken('fresh', pair)));
  });

  it('publishes every pair again, so that the vault can bring it back under the new keys', async () => {
    const { world, container, rings } = await sealedWorld();
    const backup = await world.record('paused');
    await world.clock.advance(KEY_HOLD_MS);
    await rotateSeal(container, rings, RUN);
    for (const id of ['fresh', 'paused']) await refreshCredential(container, RUN, id, { priority: 'reader' });
    await world.clock.advance(KEY_HOLD_MS);
    await rotateSeal(container, rings, RUN);
    for (const id of ['fresh', 'paused']) await refreshCredential(container, RUN, id, { priority: 'reader' });
    const old = {
      ...backup,
      generation: 0,
      revision: (await world.record('paused')).revision + 1,
      writer: 'restore',
    };
    await world.ledger.save(old);
    assert.equal((await recoverChain(container, 'paused')).result, 'recovered');
  });

  it('is refused on a read that is behind another rotation, one or two of them, and loses no key', async () => {
    const { world, container, rings } = await sealedWorld();
    const first = await versions(world);
    for (let rotation = 0; rotation < 2; rotation += 1) {
      await world.clock.advance(1000);
      assert.equal((await rotateSeal(container, rings, RUN)).behind, undefined);
      const behind = await rotateSeal(container, { ...rings, store: behindAt(world, first) }, RUN);
      assert.deepEqual(behind, { resealed: 0, rings: {}, behind: true });
    }
    const cold = sealing(world);
    for (const id of ['fresh', 'paused', 'on-demand']) {
      const { pair } = await world.record(id);
      assert.ok(pair && (await cold.sealer.refreshToken(id, pair)));
    }
  });

  it('at the same time as another loses no key that either of them sealed with', async () => {
    const { world, container, rings } = await sealedWorld();
    await world.clock.advance(1000);
    const done = await Promise.all([
      rotateSeal(container, rings, RUN),
      rotateSeal(sealing(world), rings, RUN),
    ]);
    assert.ok(done.some(({ behind }) => behind === undefined));
    const cold = sealing(world);
    for (const id of ['fresh', 'paused', 'on-demand']) {
      const { pair } = await world.record(id);
      assert.ok(pair && (await cold.sealer.accessToken(id, pair)));
      assert.ok(pair && (await cold.sealer.refreshToken(id, pair)));
    }
  });

  it('keeps the old keys when the ring is behind only at the end', async () => {
    const { world, container, rings } = await sealedWorld();
    for (let rotation = 0; rotation < 2; rotation += 1) {
      await world.clock.advance(1000);
      await rotateSeal(container, rings, RUN);
    }
    await world.clock.advance(KEY_HOLD_MS);
    const before = await versions(world);
    const stale = behindAt(world, before);
    let reads = 0;
    const store: SecretStore = {
      ...stale,
      get: (name) => (++reads > 2 ? stale.get(name) : world.secrets.get(name)),
    };
    const { resealed, behind } = await rotateSeal(container, { ...rings, store }, RUN);
    assert.deepEqual([resealed, behind], [3, undefined]);
    const { pair } = await world.record('fresh');
    assert.ok(pair && (await sealing(world).sealer.refreshToken('fresh', pair)));
  });
});

/** The versions of the rings now, by name. */
async function versions({ secrets, names }: World): Promise<ReadonlyMap<string, string>> {
  const rings = [names.accessRing, names.refreshRing];
  const stored = await Promise.all(rings.map((name) => secrets.get(name)));
  return new Map(rings.map((name, at) => [name, stored[at]?.versionId ?? '']));
}

/** The vault with reads that are behind: they see those versions. */
function behindAt({ secrets }: World, seen: ReadonlyMap<string, string>): SecretStore {
  return {
    get: (name) => secrets.get(name, seen.get(name)),
    put: (...given) => secrets.put(...given),
    create: (name, value) => secrets.create(name, value),
    retag: (...given) => secrets.retag(...given),
    remove: (...given) => secrets.remove(...given),
  };
}

describe('a rotation of many credentials', () => {
  /** A container that has no time left after so many looks at what is left. */
  const looks = (many: number) => {
    let left = many;
    return { remainingMs: () => (left-- > 0 ? 600_000 : 0) };
  };

  it('goes on where its time ended, and makes no further key before it has ended', async () => {
    const { world, container, rings } = await sealedWorld();
    const ids = Array.from({ length: 27 }, (_, place) => `on-demand-${place}`);
    for (const id of ids) await world.seed(id, { mode: 'on-demand', publish: 'none' });
    await world.clock.advance(KEY_HOLD_MS);
    const seen: number[] = [];
    let ended = await rotateSeal(container, rings, looks(0));
    while (ended.unfinished) {
      seen.push(ended.resealed);
      await world.clock.advance(1000);
      ended = await rotateSeal(sealing(world), rings, looks(0));
    }
    assert.deepEqual(seen, [10, 20, 30]);
    assert.equal(ended.resealed, 30);
    for (const kids of Object.values(ended.rings)) assert.equal(kids.length, 2);

    await world.clock.advance(KEY_HOLD_MS);
    const next = await rotateSeal(container, rings, RUN);
    assert.deepEqual([next.resealed, next.unfinished], [30, undefined]);
    for (const kids of Object.values(next.rings)) assert.equal(kids.length, 2);
  });

  it('that was cut off makes no further key either', async () => {
    const { world, container, rings } = await sealedWorld();
    world.fault = (store, operation) => (store === 'ledger' && operation === 'save' ? 'before' : undefined);
    await assert.rejects(rotateSeal(container, rings, RUN), { code: 'store-unavailable' });
    world.fault = () => undefined;
    await world.clock.advance(1000);
    const { resealed, rings: kids } = await rotateSeal(sealing(world), rings, RUN);
    assert.equal(resealed, 3);
    for (const ring of Object.values(kids)) assert.equal(ring.length, 2);
  });

  it('leaves what no key opens as it is, names its credential, and seals all else anew', async () => {
    const { world, container, rings } = await sealedWorld();
    await applyTransition(container, 'fresh', (record) => ({
      ...record,
      aside: {
        ...record.aside,
        spares: record.pair ? [{ ...record.pair, sealedRefresh: UNKNOWN_SEAL }] : [],
      },
    }));
    const { resealed, unopened } = await rotateSeal(container, rings, RUN);
    assert.deepEqual([resealed, unopened], [3, ['fresh']]);
    const { aside, pair } = await world.record('fresh');
    assert.equal(aside.spares[0]?.sealedRefresh, UNKNOWN_SEAL);
    assert.ok(pair && (await sealing(world).sealer.refreshToken('fresh', pair)));
  });
});

/** Sealed under a key that no ring has. */
const UNKNOWN_SEAL = `${Buffer.from('{"alg":"dir","enc":"A256GCM","kid":"gone"}').toString('base64url')}..AAAA.AAAA.AAAA`;
