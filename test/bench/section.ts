import type { Durations } from './figures.ts';
import type { BenchStack } from './stack.ts';

/** What one part of `npm run bench` measured: a table, and what to know of it. */
export interface SectionFigures {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences that the figures decide, below the table. */
  readonly remarks?: readonly string[];
}

export interface Section {
  /** `npm run bench -- <name>` measures this alone. */
  readonly name: string;
  readonly title: string;
  /** What is measured, and beside what. */
  readonly text: string;
  readonly measure: (stack: BenchStack) => Promise<SectionFigures>;
}

/** A ratio with two digits; nothing where there is none. */
export function ratio(value: number, base: number | undefined): string {
  return base === undefined || base === 0 ? '' : (value / base).toFixed(2);
}

/** A median and a 99th percentile, as two cells. */
export function quantiles({ p50, p99 }: Durations, unit: 'ms' | 'µs'): [string, string] {
  const factor = unit === 'ms' ? 1 : 1000;
  return [`${(p50 * factor).toFixed(1)} ${unit}`, `${(p99 * factor).toFixed(1)} ${unit}`];
}
