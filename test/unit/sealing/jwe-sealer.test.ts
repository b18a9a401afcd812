import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../shared/clock/manual-clock.ts';
import { JweSealer } from '../../../shared/sealing/jwe-sealer.ts';
import { KeyRingError, newKeyRing } from '../../../shared/sealing/key-ring.ts';
import { SealError } from '../../../shared/sealing/seal.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { MemorySecretStore } from '../../../shared/secret-store/memory-secret-store.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
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

  it('open the access token without ever reading the ring of the refresh tokens', async () => {
    const { sealer, store, reads } = await open();
    const sealed = await sealer.sealPair('acme', BARE, tokens);
    const before = reads(REFRESH);
    const reader = new JweSealer(store, { access: ACCESS, refresh: REFRESH }, new ManualClock());
    assert.equal((await reader.accessToken('acme', sealed))?.reveal(), 'fake-access-1');
    assert.equal(reads(REFRESH), before);
  });

  it('load the ring again for a key that it does not know, once', async () => {
    const { sealer, store, reads } = await open();
    await sealer.ready();
    await rotate(store, ACCESS, 'key-2');
    const other = new JweSealer(store, { access: ACCESS, refresh: REFRESH }, new ManualClock());
    const sealed = await other.sealPair('acme', BARE, tokens);
    const before = reads(ACCESS);
    assert.equal((await sealer.accessToken('acme', sealed))?.reveal(), 'fake-access-1');
    assert.equal((await sealer.accessToken('acme', sealed))?.reveal(), 'fake-access-1');
    assert.equal(reads(ACCESS), before + 1);
  });

  it('reject a key that no ring knows', async () => {
    const { sealer, store } = await open();
    const sealed = await sealer.sealPair('acme', BARE, tokens);
    await store.put(ACCESS, newKeyRing('key-9'));
    const other = new JweSealer(store, { access: ACCESS, refresh: REFRESH }, new ManualClock());
    await assert.rejects(other.accessToken('acme', sealed), (error: unknown) => {
      assert.ok(error instanceof SealError);
      assert.equal(error.code, 'unknown-seal-key');
      return true;
    });
  });

  it('go on with the ring in memory after a reload that failed', async () => {
    const { sealer, store, vault } = await open();
    const mine = await sealer.sealPair('acme', BARE, tokens);
    await rotate(store, ACCESS, 'key-2');
    const theirs = await new JweSealer(
      store,
      { access: ACCESS, refresh: REFRESH },
      new ManualClock(),
    ).sealPair('acme', BARE, tokens);
    vault.isAway = true;
    await assert.rejects(sealer.accessToken('acme', theirs), StoreUnavailableError);
    assert.equal((await sealer.accessToken('acme', mine))?.reveal(), 'fake-access-1');
  });
});

async function open() {
  const vault = { isAway: false };
  const names: string[] = [];
  const store = new MemorySecretStore({
    clock: new ManualClock(),
    hooks: {
      faults: (operation, name) => {
        if (operation === 'get') names.push(name);
        return vault.isAway ? 'before' : undefined;
      },
    },
  });
  for (const name of [ACCESS, REFRESH]) await store.create(name, newKeyRing('key-1'));
  const sealer = new JweSealer(store, { access: ACCESS, refresh: REFRESH }, new ManualClock());
  return { sealer, store, vault, reads: (ring: string) => names.filter((name) => name === ring).length };
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
