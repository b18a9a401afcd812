import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LONGEST_FIRST, type Tier } from './tiers.ts';

/** The folder that all tests are in. */
export const TEST_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** What one process runs. */
export interface Job {
  readonly tier: Tier;
  readonly label: string;
  /** Paths under {@link TEST_FOLDER}. */
  readonly files: readonly string[];
  /** It waits for most of its time. */
  readonly waits?: true;
}

/** The jobs of all tiers, in the order of the tiers. With `more`, only the files that do more when asked to prove it. */
export function jobsOf(tiers: readonly Tier[], { more }: { readonly more: boolean }): Job[] {
  const taken = new Set<string>();
  return tiers.flatMap((tier) => {
    const files = matching(tier.files).filter((file) => !taken.has(file));
    for (const file of files) taken.add(file);
    const wanted = more ? files.filter((file) => matching(tier.more ?? []).includes(file)) : files;
    return tier.sharedProcesses === undefined
      ? oneForEach(tier, wanted)
      : sharedBy(tier, wanted, tier.sharedProcesses);
  });
}

function oneForEach(tier: Tier, files: readonly string[]): Job[] {
  const waiting = matching(tier.waits ?? []);
  return files.map((file) => ({
    tier,
    label: file.replace(/\.test\.ts$/, ''),
    files: [file],
    ...(waiting.includes(file) && { waits: true }),
  }));
}

/** By turns: neighbours are of one kind, and take about as long. */
function sharedBy(tier: Tier, files: readonly string[], processes: number): Job[] {
  return Array.from({ length: processes }, (_, at) => files.filter((_, index) => index % processes === at))
    .filter((some) => some.length > 0)
    .map((some) => {
      const folders = [...new Set(some.map((file) => dirname(file).split('/')[0]))];
      return { tier, label: `${folders.join(', ')} (${some.length} files)`, files: some };
    });
}

/** Those that take longest first, so that no process is left running alone at the end; the rest as they are. */
export function longestFirst(jobs: readonly Job[]): Job[] {
  const longest = matching(LONGEST_FIRST);
  const place = ({ files: [first = ''] }: Job) => {
    const at = longest.indexOf(first);
    return at < 0 ? longest.length : at;
  };
  return jobs.toSorted((one, other) => place(one) - place(other));
}

/** In the order of the patterns. */
function matching(patterns: readonly string[]): string[] {
  return [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: TEST_FOLDER }).sort()))];
}
