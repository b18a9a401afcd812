import { Stores } from './containers/stores.ts';
import type { Dice } from './dice.ts';
import { type Faults, noFaults } from './faults/faults.ts';
import { NamedKinds } from './faults/named-kinds.ts';
import { Single } from './faults/single.ts';
import { Storm } from './faults/storm.ts';
import { bs2Population, Populations } from './population.ts';
import { Provider } from './provider/provider.ts';
import type { SimulationOptions } from './simulate.ts';
import type { World } from './strategies/strategy.ts';
import type { Timeline } from './timeline.ts';
import { Witness } from './witness/witness.ts';

/** Everything that a run takes place in, from its options. Nothing has happened in it yet. */
export function createWorld(options: SimulationOptions, timeline: Timeline, dice: Dice): World {
  const { env, classify } = options;
  const populations = new Populations(options.mix ?? [bs2Population(env, options.credentials)]);
  const isFresh = (credential: string) => populations.of(credential).mode === 'fresh';
  const witness = new Witness(timeline, { provider: () => provider, isFresh });
  const faults = createFaults(options.faults, timeline, dice, (atMs) =>
    [...provider.grants.values()].every((grant) => witness.isFreshSince(grant, atMs)),
  );
  const provider = new Provider(timeline, dice, faults, {
    livesOf: (credential) => {
      const { accessLifeMs, refreshLifeMs, statesRefreshLife } = populations.of(credential);
      return { accessMs: accessLifeMs, refreshMs: refreshLifeMs, statesRefresh: statesRefreshLife };
    },
    endpointOf: (tokenUrl) => populations.endpointOf(tokenUrl),
  });
  const stores = new Stores(timeline, dice, witness);
  const latency = dice.named('latency');
  return {
    timeline,
    dice,
    latency,
    faults,
    provider,
    stores,
    witness,
    environment: env,
    populations,
    classify,
  };
}

function createFaults(
  faults: SimulationOptions['faults'],
  timeline: Timeline,
  dice: Dice,
  hasRecoveredSince: (atMs: number) => boolean,
): Faults {
  if (typeof faults === 'function') return faults(timeline);
  if (typeof faults === 'object') return new NamedKinds(timeline, dice, faults);
  switch (faults) {
    case 'none':
      return noFaults;
    case 'single':
      return new Single(timeline, dice, hasRecoveredSince);
    case 'storm':
      return new Storm(timeline, dice);
  }
}
