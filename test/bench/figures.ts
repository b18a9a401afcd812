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
