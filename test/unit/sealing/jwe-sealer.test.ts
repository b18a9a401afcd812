import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { timing } from '../../../shared/config/timing.ts';
import { JweSealer, RING_CACHE_MS } from '../../../shared/sealing/jwe-sealer.ts';
import { KeyRingError, newKeyRing } from '../../../shared/sealing/key-ring.ts';
import { SealError } from '../../../shared/sealing/seal.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import { aPair } from '../../support/records.ts';

const ACCESS = 'renova/prd/seal/access';
const REFRESH = 'renova/prd/seal/refresh';
const { sealedAccess: _, sealedRefresh: __, ...BARE } = aPair();
const tokens = { accessToken: new Secret('fake-access-1'), refreshToken: new Secret('fake-refresh-1') };

describe('the seals of a container', () => {
  it('need no vault once the rings are in memory (I1)', async () => {
    const { sealer, vault } = await open();
    await sealer.ready();
    vault.isAway = true;
    const sealed = await sealer.sealPair('acme', BARE, tokens);
    assert.equal((await sealer.refreshToken('acme', sealed))?.reveal(), 'fake-refresh-1');
    await sealer.sealAnswer(new Secret('fake-body'), { credential: 'acme', chain: 'c', generation: 1 });
  });

  it('are not ready until both rings are in memory', async () => {
    for (const missing of [ACCESS, REFRESH]) {
      const { sealer, store } = await open();
      await store.remove(missing, 7);
      await assert.rejects(sealer.ready(), (error: Error) => {
        assert.ok(error instanceof KeyRingError);
        assert.match(error.message, new RegExp(`^${missing}: there is no such secret`));
        return true;
      });
    }
  });

  it('reject as the store does while a ring cannot be had, and recover', async () => {
    const { sealer, vault } = await open();
    vault.isAway = true;
    await assert.rejects(sealer.ready(), StoreUnavailableError);
    await assert.rejects(sealer.sealPair('acme', BARE, tokens), StoreUnavailableError);
    vault.isAway = false;
    await sealer.ready();
  });

  it('are looked for anew before an attempt, well before they are too old to seal with', async () => {
    const { sealer, clock, reads } = await open();
    await sealer.ready();
    await clock.advance(RING_CACHE_MS / 2 - 1);
    await sealer.ready();
    assert.equal(reads(ACCESS), 1);
    await clock.advance(1);
    await sealer.ready();
    assert.equal(reads(ACCESS), 2);
  });

  it('never wait for the vault between being ready and sealing the answer of an attempt (I1)', async () => {
    const { sealer, clock, reads } = await open();
    await sealer.ready();
    await clock.advance(RING_CACHE_MS / 2 - 1);
    await sealer.ready();
    await clock.advance(timing(1).leaseMs);
    await sealer.refreshToken('acme', await sealer.sealPair('acme', BARE, tokens));
    assert.equal(reads(ACCESS) + reads(REFRESH), 2);
  });

  it('are read anew by a container that Lambda had suspended, its monotonic clock with it', async () => {
    const { sealer, clock, reads } = await open();
    await sealer.ready();
    clock.shiftWall(RING_CACHE_MS);
    await sealer.sealPair('acme', BARE, tokens);
    assert.deepEqual([reads(ACCESS), reads(REFRESH)], [2, 2]);
  });

  it('are not used to seal when they are older than a rotation allows', async () => {
    const { sealer, store, clock } = await open();
    await sealer.ready();
    await rotate(store, ACCESS, 'key-2');
    await clock.advance(RING_CACHE_MS);
    const { sealedAccess = '' } = await sealer.sealPair('acme', BARE, tokens);
    assert.equal(decodeProtectedHeader(sealedAccess).kid, 'key-2');
  });

  it('stay ready while the vault is away', async () => {
    const { sealer, clock, vault } = await open();
    await sealer.ready();
    await clock.advance(RING_CACHE_MS);
    vault.isAway = true;
    await sealer.ready();
    await sealer.sealPair('acme', BARE, tokens);
    await assert.rejects(sealer.reload(), StoreUnavailableError);
  });

  it('are renewed by a rotation: what was sealed before is sealed again, under the new keys', async () => {
    const { sealer, store } = await open();
    const old = await sealer.sealPair('acme', BARE, tokens);
    assert.equal(await sealer.reseal('acme', old), undefined);
    for (const name of [ACCESS, REFRESH]) await rotate(store, name, 'key-2');
    await sealer.reload();
    const renewed = await sealer.reseal('acme', old);
    assert.ok(renewed);
    for (const name of [ACCESS, REFRESH]) await store.put(name, await onlyCurrent(store, name));
    await sealer.reload();
    assert.equal((await sealer.accessToken('acme', renewed))?.reveal(), 'fake-access-1');
    assert.equal((await sealer.refreshToken('acme', renewed))?.reveal(), 'fake-refresh-1');
    await assert.rejects(sealer.accessToken('acme', old), SealError);
    assert.equal(await sealer.reseal('acme', renewed), undefined);
  });

  it('open the access token without ever reading the ring of the refresh tokens', async () => {
    const { sealer, store, clock, reads } = await open();
    const sealed = await sealer.sealPair('acme', BARE, tokens);
    const before = reads(REFRESH);
    const reader = aSealer(store, clock);
    assert.equal((await reader.accessToken('acme', sealed))?.reveal(), 'fake-access-1');
    assert.equal(reads(REFRESH), before);
  });

  it('load the ring again for a key that it does not know, once', async () => {
    const { sealer, store, clock, reads } = await open();
    await sealer.ready();
    await rotate(store, ACCESS, 'key-2');
    const other = aSealer(store, clock);
    const sealed = await other.sealPair('acme', BARE, tokens);
    const before = reads(ACCESS);
    assert.equal((await sealer.accessToken('acme', sealed))?.reveal(), 'fake-access-1');
    assert.equal((await sealer.accessToken('acme', sealed))?.reveal(), 'fake-access-1');
    assert.equal(reads(ACCESS), before + 1);
  });

  it('reject a key that no ring knows', async () => {
    const { sealer, store, clock } = await open();
    const sealed = await sealer.sealPair('acme', BARE, tokens);
    await store.put(ACCESS, newKeyRing('key-9'));
    const other = aSealer(store, clock);
    await assert.rejects(other.accessToken('acme', sealed), (error: unknown) => {
      assert.ok(error instanceof SealError);
      assert.equal(error.code, 'unknown-seal-key');
      return true;
    });
  });

  it('go on with the ring in memory after a reload that failed', async () => {
    const { sealer, store, clock, vault } = await open();
    const mine = await sealer.sealPair('acme', BARE, tokens);
    await rotate(store, ACCESS, 'key-2');
    const theirs = await aSealer(store, clock).sealPair('acme', BARE, tokens);
    vault.isAway = true;
    await assert.rejects(sealer.accessToken('acme', theirs), StoreUnavailableError);
    assert.equal((await sealer.accessToken('acme', mine))?.reveal(), 'fake-access-1');
  });
});

function aSealer(store: MemorySecretStore, clock: ManualClock): JweSealer {
  return new JweSealer(store, { access: ACCESS, refresh: REFRESH }, clock);
}

async function open() {
  const vault = { isAway: false };
  const names: string[] = [];
  const clock = new ManualClock();
  const store = new MemorySecretStore({
    clock,
    hooks: {
      faults: (operation, name) => {
        if (operation === 'get') names.push(name);
        return vault.isAway ? 'before' : undefined;
      },
    },
  });
  for (const name of [ACCESS, REFRESH]) await store.create(name, newKeyRing('key-1'));
  const sealer = aSealer(store, clock);
  return {
    sealer,
    store,
    clock,
    vault,
    reads: (ring: string) => names.filter((name) => name === ring).length,
  };
}

/** Adds a key to the ring and makes it current, as a rotation does. */
async function rotate(store: MemorySecretStore, name: string, kid: string): Promise<void> {
  const before = JSON.parse((await store.get(name))?.value.reveal() ?? '');
  const added = JSON.parse(newKeyRing(kid).reveal());
  await store.put(
    name,
    new Secret(JSON.stringify({ current: kid, keys: { ...before.keys, ...added.keys } })),
  );
}

/** The ring without its old keys, as the end of a rotation leaves it. */
async function onlyCurrent(store: MemorySecretStore, name: string): Promise<Secret> {
  const { current, keys } = JSON.parse((await store.get(name))?.value.reveal() ?? '');
  return new Secret(JSON.stringify({ current, keys: { [current]: keys[current] } }));
}
