import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TestCounts } from './count-tests.ts';
import { endsWithUs } from './ends-with-us.ts';
import { type Job, TEST_FOLDER } from './jobs.ts';

export interface JobResult extends TestCounts {
  readonly seconds: number;
  /** Of the process and of those that it has started; `undefined` where it was killed. */
  readonly cpuSeconds?: number;
  /** All that the process printed. */
  readonly output: string;
}

const COUNT_TESTS = fileURLToPath(new URL('count-tests.ts', import.meta.url));
const TELL_CPU_SECONDS = new URL('tell-cpu-seconds.ts', import.meta.url).href;
const UNFOLLOWED_PROMISES = new URL('unfollowed-promises.ts', import.meta.url).href;
const LONGEST_MS = 45 * 60_000;
/** Node strips types in WebAssembly, and V8 may abort as it frees compiled code of it (nodejs/node#64500). */
const KEEP_WASM_CODE = '--no-wasm-code-gc';

/** Runs a job in a process of its own. One that ends without its counts counts as a failure. */
export async function runJob(job: Job, countsFile: string, more: boolean): Promise<JobResult> {
  const beganAtMs = performance.now();
  const cpuFile = `${countsFile}.cpu`;
  const child = spawn(
    process.execPath,
    [
      KEEP_WASM_CODE,
      ...['--import', UNFOLLOWED_PROMISES, '--import', TELL_CPU_SECONDS],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...[`--test-reporter=${COUNT_TESTS}`, `--test-reporter-destination=${countsFile}`],
      entryOf(job, countsFile),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A test that runs tests: the inner ones report to us, not to node's own runner.
      env: {
        ...process.env,
        NODE_TEST_CONTEXT: undefined,
        RENOVA_TEST_CPU_FILE: cpuFile,
        ...(more ? { RENOVA_PROVE: '1' } : {}),
      },
      timeout: LONGEST_MS,
      detached: true,
    },
  );
  endsWithUs(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const took = {
    seconds: (performance.now() - beganAtMs) / 1000,
    ...(existsSync(cpuFile) && { cpuSeconds: Number(readFileSync(cpuFile, 'utf8')) }),
  };
  const counts = countsIn(countsFile);
  if (counts && (code === 0 || counts.failed > 0)) return { ...counts, ...took, output };
  const why = counts ? 'though each of its tests passed' : 'before its tests did';
  const ended = `${output}\nThe process ended with ${signal ?? code}, ${why}.\n`;
  return { ...(counts ?? NOTHING), failed: 1, ...took, output: ended };
}

/** What the process runs. All files that share it are loaded before the first test begins, or it would be their parent. */
function entryOf({ tier, files }: Job, countsFile: string): string {
  const paths = files.map((file) => join(TEST_FOLDER, file));
  const [only] = paths;
  if (tier.sharedProcesses === undefined && only !== undefined) return only;
  const entry = `${countsFile}.mjs`;
  writeFileSync(entry, paths.map((path) => `import ${JSON.stringify(pathToFileURL(path).href)};\n`).join(''));
  return entry;
}

const NOTHING: TestCounts = { passed: 0, failed: 0, skipped: {}, diagnostics: [] };

function countsIn(file: string): TestCounts | undefined {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text === '' ? undefined : JSON.parse(text);
}
