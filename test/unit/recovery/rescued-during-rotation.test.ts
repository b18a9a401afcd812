import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rotateSeal } from '../../../shared/refresh/operator/rotate-seal.ts';
import { newKeyRing } from '../../../shared/sealing/key-ring.ts';
import type { Sealer } from '../../../shared/sealing/sealer.ts';
import { Rescue } from '../../../shared/vault/rescue.ts';
import { overriding } from '../../support/overriding.ts';
import { World } from '../../support/world.ts';

const KID = '2025-01-01T00:00:00.000Z';

describe('a rescue copy, as the seal keys are rotated', () => {
  it('is left as it is when the ledger is past it: the secret may be about to hold the only copy of another pair', async () => {
    const { world, rings } = await rotatable();
    await rescued(world);
    await world.clock.advance(60_000);
    assert.equal((await world.refresh('acme')).result, 'adopted');
    assert.equal((await world.refresh('acme', { force: true })).result, 'refreshed');
    const before = await versionOf(world);
    await rotateSeal(resealing(world), rings, { remainingMs: () => 600_000 });
    assert.equal(await versionOf(world), before);
  });

  it('is sealed anew when the ledger still needs it', async () => {
    const { world, rings } = await rotatable();
    await rescued(world);
    const before = await versionOf(world);
    await rotateSeal(resealing(world), rings, { remainingMs: () => 600_000 });
    assert.notEqual(await versionOf(world), before);
    await world.clock.advance(60_000);
    assert.equal((await world.refresh('acme')).result, 'adopted');
  });
});

async function rotatable() {
  const world = new World();
  await world.seed('acme');
  const names = [world.names.accessRing, world.names.refreshRing];
  for (const name of names) await world.secrets.create(name, newKeyRing(KID));
  return { world, rings: { store: world.secrets, names } };
}

/** Leaves the pair of generation 1 in the rescue secret: the ledger refuses to keep it. */
async function rescued(world: World): Promise<void> {
  const startMs = world.clock.monotonicMs();
  const run = { remainingMs: () => 115_000 - (world.clock.monotonicMs() - startMs) };
  let begun = false;
  world.fault = (store, operation) => {
    if (store !== 'ledger' || operation !== 'save') return undefined;
    if (begun) return 'before';
    begun = true;
    return undefined;
  };
  assert.equal((await world.refresh('acme', {}, world.container, run)).reason, 'rescue');
  world.fault = () => undefined;
}

/** A container to whose sealer every rescued pair is sealed under an old key. */
function resealing(world: World) {
  const { secrets, names } = world;
  const sealer: Sealer = world.sealer;
  return {
    ...world.container,
    rescue: new Rescue(secrets, names),
    sealer: overriding(sealer, { reload: async () => {}, reseal: async (_, pair) => ({ ...pair }) }),
  };
}

async function versionOf({ secrets, names }: World): Promise<string | undefined> {
  return (await secrets.get(names.rescue('acme')))?.versionId;
}
