/** Durations of many runs, in milliseconds. */
export interface Durations {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

export function durations(all: readonly number[]): Durations {
  return { p50: quantile(all, 0.5), p99: quantile(all, 0.99), count: all.length };
}

export function median(all: readonly number[]): number {
  return quantile(all, 0.5);
}

/** The smallest value that `fraction` of all are not above. */
function quantile(all: readonly number[], fraction: number): number {
  const sorted = all.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}

/** Runs `work` `times` over, one after the other, after a few that do not count. */
export async function timed(times: number, work: () => unknown, warmUp = 20): Promise<Durations> {
  const all: number[] = [];
  for (let at = -warmUp; at < times; at += 1) {
    const startMs = performance.now();
    await work();
    if (at >= 0) all.push(performance.now() - startMs);
  }
  return durations(all);
}

/**
 * Runs each of `works` once a round, after rounds that do not count: their durations, by round. Whatever makes the
 * machine slower for a while makes all of them slower, and none always comes first.
 */
export async function timedInTurns(
  rounds: number,
  works: readonly (() => unknown)[],
  warmUp = 500,
): Promise<readonly (readonly number[])[]> {
  const all = works.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const at of works.keys()) {
      const turn = (at + round + warmUp) % works.length;
      const startMs = performance.now();
      await works[turn]?.();
      if (round >= 0) all[turn]?.push(performance.now() - startMs);
    }
  }
  return all;
}

/** The median of the ratios of a round. */
export function medianRatio(all: readonly number[], base: readonly number[]): number {
  return median(all.map((each, round) => each / (base[round] ?? Number.NaN)));
}
