import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tier } from './tiers.ts';

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
    if (!tier.shareProcess || wanted.length === 0) {
      const waiting = matching(tier.waits ?? []);
      return wanted.map((file) => ({
        tier,
        label: file.replace(/\.test\.ts$/, ''),
        files: [file],
        ...(waiting.includes(file) && { waits: true }),
      }));
    }
    const folders = [...new Set(wanted.map((file) => dirname(file).split('/')[0]))];
    return [{ tier, label: `${folders.join(', ')} (${wanted.length} files)`, files: wanted }];
  });
}

/** In the order of the patterns. */
function matching(patterns: readonly string[]): string[] {
  return [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: TEST_FOLDER }).sort()))];
}
