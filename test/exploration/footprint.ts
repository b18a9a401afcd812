import type { PortCall } from '../crash/port-calls.ts';

/** What a step reads and writes, by the names of resources. Two steps that share none commute. */
export interface Footprint {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** Touches everything: whatever it is beside, its place in the order matters. */
export const EVERYTHING: Footprint = { reads: ['*'], writes: ['*'] };
const NOTHING: Footprint = { reads: [], writes: [] };

/** When the last tick was: what is read of it goes into telemetry alone, so nobody can tell in which order it was. */
export const PULSE = '#tick';

/**
 * What each call of a port reads and writes. Reading the index of what is due reads every record. Events commute
 * with each other: their order on the bus is not promised. A post spends a token, so posts are in the order of all.
 */
export function footprintOf({ port, operation, name, key = name }: PortCall): Footprint {
  switch (port) {
    case 'ledger':
      if (operation === 'load') return { reads: [`ledger ${name}`], writes: [] };
      if (operation === 'save') return { reads: [], writes: [`ledger ${key}`] };
      return { reads: ['ledger *'], writes: [] };
    case 'quota':
    case 'timestamps':
      if (key === PULSE) return NOTHING;
      if (operation === 'load') return { reads: [`${port} ${name}`], writes: [] };
      return { reads: [], writes: [`${port} ${name}`] };
    case 'vault':
      if (operation === 'get') return { reads: [`vault ${name}`], writes: [] };
      return { reads: [], writes: [`vault ${name}`] };
    case 'provider':
      return operation === 'post' ? { reads: [], writes: ['provider'] } : NOTHING;
    case 'bus':
      return NOTHING;
  }
}

/** True if the order of two steps can matter: one writes what the other reads or writes. */
export function conflict(one: Footprint, other: Footprint): boolean {
  const touches = (writes: readonly string[], { reads, writes: others }: Footprint) =>
    writes.some(
      (name) => reads.some((read) => isSame(name, read)) || others.some((write) => isSame(name, write)),
    );
  return touches(one.writes, other) || touches(other.writes, one);
}

function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  const whole = (name: string, of: string) => name.endsWith('*') && of.startsWith(name.slice(0, -1));
  return whole(one, other) || whole(other, one);
}
