import { setTimeout as delay } from 'node:timers/promises';
import type { FaultOrder } from '../../local/sandboxes/provider/faults.ts';
import { type Outage, reseedLapsed, type World } from './load-world.ts';

/** Those that leave the chain alive: what a lost answer does to it is another test's. */
const FAULTS: readonly FaultOrder[] = [
  { kind: 'drop-request', count: 2 },
  { kind: 'http-503', count: 2 },
  { kind: 'http-429', count: 1, ms: 200 },
  { kind: 'slow', count: 3, ms: 400 },
];

export interface ChaosPlan {
  readonly durationMs: number;
  /** Equally far apart. */
  readonly outages: readonly Outage[];
  /** Faults and forced refreshes, by chance. */
  readonly disturbances: number;
  readonly credentials: readonly string[];
  readonly random: () => number;
}

/** Disturbs the stack as planned; resolves with what was done to it. */
export async function disturb(world: World, plan: ChaosPlan) {
  const { durationMs, outages, disturbances, credentials, random } = plan;
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const forced: Promise<number>[] = [];
  const reseeded: string[] = [];
  const count = { faults: 0, stopped: 0, killed: 0, awayMs: 0 };
  const outageAt = new Map(
    outages.map((by, at) => [Math.ceil(((at + 1) * disturbances) / (outages.length + 1)), by]),
  );

  for (let at = 1; at <= disturbances; at += 1) {
    await delay(durationMs / disturbances);
    reseeded.push(...(await reseedLapsed(world)));
    if (random() < 0.4) {
      await world.sandbox.orderFaults(pick(FAULTS));
      count.faults += 1;
    } else {
      // One that meets an outage or a fault comes to nothing, and is none.
      const refreshing = world.operator.refresh(pick(credentials));
      forced.push(
        refreshing.then(
          () => 1,
          () => 0,
        ),
      );
    }
    const by = outageAt.get(at);
    if (by) {
      const awayFromMs = performance.now();
      await world.restart(by);
      count.awayMs += Math.round(performance.now() - awayFromMs);
      count[by === 'kill' ? 'killed' : 'stopped'] += 1;
    }
  }
  const done = await Promise.all(forced);
  return { ...count, forced: done.reduce((sum, one) => sum + one, 0), reseeded };
}
