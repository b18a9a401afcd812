import type { Job } from './jobs.ts';
import type { JobResult } from './run-job.ts';

/** Tells what is being proven and how far it is, a line for each job that ends, and the sum of all. */
export class Report {
  readonly #jobs: number;
  readonly #write: (line: string) => void;
  readonly #results: JobResult[] = [];
  readonly #begun = new Set<string>();

  constructor(jobs: number, write: (line: string) => void) {
    this.#jobs = jobs;
    this.#write = write;
  }

  begins({ tier }: Job): void {
    if (this.#begun.has(tier.name)) return;
    this.#begun.add(tier.name);
    this.#write(`\n${tier.name}: ${tier.proves}`);
  }

  /** What the tests had to say (seeds, counts) is told with `diagnostics`, and where one failed. */
  ended(job: Job, result: JobResult, { diagnostics }: { readonly diagnostics: boolean }): void {
    const hasFailed = result.failed > 0;
    this.#results.push(result);
    const at = String(this.#results.length).padStart(String(this.#jobs).length);
    const mark = hasFailed ? '✖' : '✔';
    this.#write(`  ${at}/${this.#jobs} ${mark} ${job.label}: ${counts(result)} in ${times(result)}`);
    if (diagnostics || hasFailed) for (const line of result.diagnostics) this.#write(`      ${line}`);
    if (hasFailed) this.#write(`\n${failures(result.output)}`);
  }

  /** Whether all is well. The last line is for machines: `N passed, N failed`, and `, N skipped` where there are. */
  sum(): boolean {
    const all = sumOf(this.#results);
    this.#write('');
    for (const [reason, count] of Object.entries(all.skipped)) this.#write(`${count} × ${reason}`);
    this.#write(counts(all));
    return all.failed === 0 && this.#results.length === this.#jobs;
  }
}

/** The reporter of node:test repeats the failures at its end; without them, all that the process printed. */
function failures(output: string): string {
  const from = output.lastIndexOf('✖ failing tests:');
  return from < 0 ? output : output.slice(from);
}

function times({ seconds, cpuSeconds }: JobResult): string {
  return `${seconds.toFixed(1)} s${cpuSeconds === undefined ? '' : ` (CPU ${cpuSeconds.toFixed(1)} s)`}`;
}

type Counts = Pick<JobResult, 'passed' | 'failed' | 'skipped'>;

function counts({ passed, failed, skipped }: Counts): string {
  const skippings = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  return `${passed} passed, ${failed} failed${skippings > 0 ? `, ${skippings} skipped` : ''}`;
}

function sumOf(results: readonly Counts[]): Counts {
  const skipped: Record<string, number> = {};
  let passed = 0;
  let failed = 0;
  for (const result of results) {
    passed += result.passed;
    failed += result.failed;
    for (const [reason, count] of Object.entries(result.skipped)) {
      skipped[reason] = (skipped[reason] ?? 0) + count;
    }
  }
  return { passed, failed, skipped };
}
