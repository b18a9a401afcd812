import type { Dice } from './dice.ts';
import { type Faults, noFaults } from './faults.ts';
import { Provider } from './provider.ts';
import type { SimulationOptions } from './simulate.ts';
import { Single } from './single.ts';
import { Stores } from './stores.ts';
import { Storm } from './storm.ts';
import type { World } from './strategy.ts';
import type { Timeline } from './timeline.ts';
import { Witness } from './witness.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const QUOTA = { limit: 10, windowMs: MINUTE_MS };
const ACCESS_LIFE_MS = { prd: 5 * MINUTE_MS, hml: 7 * MINUTE_MS };
const REFRESH_LIFE_MS = 48 * HOUR_MS;

/** Everything that a run takes place in, from its options. Nothing has happened in it yet. */
export function createWorld(options: SimulationOptions, timeline: Timeline, dice: Dice): World {
  const { env, classify } = options;
  const settings = {
    environment: env,
    accessLifeMs: ACCESS_LIFE_MS[env],
    refreshLifeMs: REFRESH_LIFE_MS,
    ...QUOTA,
  };
  const witness = new Witness(timeline, () => provider);
  const faults = createFaults(options.faults, timeline, dice, (atMs) =>
    [...provider.grants.values()].every((grant) => witness.isFreshSince(grant, atMs)),
  );
  const provider = new Provider(timeline, dice, faults, settings);
  const stores = new Stores(timeline, dice, witness);
  const latency = dice.named('latency');
  return { timeline, dice, latency, faults, provider, stores, witness, settings, classify };
}

function createFaults(
  faults: SimulationOptions['faults'],
  timeline: Timeline,
  dice: Dice,
  hasRecoveredSince: (atMs: number) => boolean,
): Faults {
  if (typeof faults === 'function') return faults(timeline);
  switch (faults) {
    case 'none':
      return noFaults;
    case 'single':
      return new Single(timeline, dice, hasRecoveredSince);
    case 'storm':
      return new Storm(timeline, dice);
  }
}
