import assert from 'node:assert/strict';
import type { Container } from './container.ts';
import { type Hindrance, struckContainer } from './faults.ts';
import type { ProtocolWorld } from './protocol-world.ts';

const HALF_LIFE_MS = 150_000;

/** Registered, and never refreshed. */
export const registered = (world: ProtocolWorld) => world.register();

/** Registered, refreshed twice by somebody else, and due again. */
export async function due(world: ProtocolWorld): Promise<void> {
  await world.register();
  const other = world.container('predecessor');
  for (let refreshes = 0; refreshes < 2; refreshes += 1) {
    await soon(world, other.refresh());
    await world.clock.advance(HALF_LIFE_MS);
  }
  assert.equal(world.record.generation, 2);
}

/** As {@link due}, but the victim has everything in memory that can be cached. */
export async function warm(world: ProtocolWorld, victim: Container): Promise<void> {
  await world.register();
  await soon(world, victim.refresh());
  await world.clock.advance(HALF_LIFE_MS);
  assert.equal(world.record.generation, 1);
}

/** Somebody else died; what of it is there is for the victim to find. */
export async function afterDeathAt(
  world: ProtocolWorld,
  label: string,
  until: 'its lease is over' | 'its absence counts',
): Promise<void> {
  await due(world);
  const other = struckContainer(world, 'deceased', undefined, ({ port, operation, name }) => {
    if ([port, operation, name].join(' ').trim() === label) other.container.isDead = true;
    return false;
  });
  other.begin();
  void other.container.refresh().catch(() => undefined);
  const { leaseMs, storeByMs, quietMs } = world.timing;
  await world.clock.advance(until === 'its lease is over' ? leaseMs : storeByMs + quietMs);
}

/** Somebody else has refreshed as far as it could. */
export async function hindered(world: ProtocolWorld, hindrance: Hindrance): Promise<void> {
  const other = struckContainer(world, 'other', undefined, hindrance);
  other.begin();
  await soon(world, other.container.refresh());
}

/** Lets time pass, a second at a time, until the work is done. */
export async function soon<Result>(world: ProtocolWorld, work: Promise<Result>): Promise<Result> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  watched.catch(() => undefined);
  await world.clock.advance(0);
  for (let seconds = 0; !done && seconds < 600; seconds += 1) await world.clock.advance(done ? 0 : 1000);
  return watched;
}
