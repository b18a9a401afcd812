import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretNames } from '../../../shared/config/names.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { Rescue } from '../../../shared/vault/rescue.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import { aPair } from '../../support/records.ts';

const names = secretNames('renova/prd');
const NAME = names.rescue('acme');

describe('the rescue secret', () => {
  it('gives back the pair that was put last, whole', async () => {
    const { rescue } = open();
    assert.equal(await rescue.get('acme'), undefined);
    await rescue.put('acme', aPair());
    assert.deepEqual(await rescue.get('acme'), aPair());
    const next = aPair({ generation: 2, scope: undefined, refreshTokenExpiresAtMs: undefined });
    await rescue.put('acme', next);
    assert.deepEqual(
      { scope: undefined, refreshTokenExpiresAtMs: undefined, ...(await rescue.get('acme')) },
      next,
    );
  });

  it('is created by the first pair, and brought back when it was to be deleted', async () => {
    const { rescue, store } = open();
    assert.deepEqual(store.names(), []);
    await rescue.put('acme', aPair());
    assert.deepEqual(store.names(), [NAME]);
    await store.remove(NAME, 7);
    await rescue.put('acme', aPair({ generation: 2 }));
    assert.equal((await rescue.get('acme'))?.generation, 2);
  });

  it('takes the pair of each of two containers that create it at once', async () => {
    const { rescue } = open(() => Promise.resolve());
    await Promise.all([rescue.put('acme', aPair()), rescue.put('acme', aPair({ attempt: 'attempt-2' }))]);
    assert.ok(['attempt-1', 'attempt-2'].includes((await rescue.get('acme'))?.attempt ?? ''));
  });

  it('reads as nothing when it holds something else', async () => {
    const { rescue, store } = open();
    await rescue.put('acme', aPair());
    for (const value of [
      '',
      'no json',
      '{}',
      'null',
      '[]',
      JSON.stringify({ ...aPair(), generation: '1' }),
    ]) {
      await store.put(NAME, new Secret(value));
      assert.equal(await rescue.get('acme'), undefined, value);
    }
  });

  it('rejects when told to give up, and keeps what it held', async () => {
    const { rescue } = open();
    await rescue.put('acme', aPair());
    const late = rescue.put('acme', aPair({ generation: 2 }), AbortSignal.abort());
    await assert.rejects(late, StoreUnavailableError);
    assert.equal((await rescue.get('acme'))?.generation, 1);
  });
});

function open(delay?: () => Promise<void>) {
  const store = new MemorySecretStore({ clock: new ManualClock(), hooks: { delay } });
  return { store, rescue: new Rescue(store, names) };
}
