import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { timing } from '../../shared/config/timing.ts';
import { operatorOf } from '../integration/operator.ts';
import { sandboxClient } from '../integration/sandbox-client.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';
import type { Durations } from './figures.ts';
import { routeFigures } from './http-route.ts';
import { importFigures } from './import-time.ts';
import { readFigures } from './reads.ts';
import { rotationFigures } from './rotation.ts';

const USAGE = `npm run bench: measures on this machine, in about a minute, and prints what it measured

  imports     CPU time and size of the functions' bundles
  reading     the local stack's read API and secrets, beside what else could be used
  rotation    how long a new pair takes to reach its readers

Takes no options. The figures are explained in docs/reading.md, Measured.
`;
if (process.argv.length > 2) {
  const isHelp = process.argv.slice(2).every((each) => each === '--help' || each === '-h');
  process.stdout.write(isHelp ? USAGE : 'bench takes no options; see npm run bench -- --help\n');
  process.exit(isHelp ? 0 : 2);
}

/** Quota windows of seconds: rotations need not wait for minutes. */
const SCALE = 10;

/** Measures reading beside what else could be used, on this machine and in one run: the ratios are what counts. */
const cleanUps: (() => unknown)[] = [];
const t = { after: (cleanUp: () => unknown) => void cleanUps.push(cleanUp) };
try {
  await sayImports();
  const stack = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE)]);
  await sayReads(stack.awsUrl, stack.apiUrl);
  const { requestsASecond, latency } = await routeFigures(stack.apiUrl);
  say('\nHTTP route in the local stack, 20 clients');
  say(`  ${requestsASecond.toFixed(0)} requests a second, ${inMs(latency)}`);
  await sayRotations(stack.awsUrl, stack.apiUrl, stack.providerUrl);
} finally {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
}

async function sayImports(): Promise<void> {
  say('Import: CPU time and size (Node’s own modules loaded before), ratio to the bare clients');
  const figures = await importFigures();
  const base = figures[0];
  for (const { what, bytes, cpuMs } of figures) {
    const ratio = base ? (cpuMs / base.cpuMs).toFixed(2) : '';
    say(
      `  ${what.padEnd(56)} ${cpuMs.toFixed(1).padStart(6)} ms  ${ratio}  ${(bytes / 1024).toFixed(0).padStart(4)} KiB`,
    );
  }
}

async function sayReads(awsUrl: string, apiUrl: string): Promise<void> {
  say('\nReads: from memory, and those that must ask');
  for (const { what, memory, asking } of await readFigures(awsUrl, apiUrl, timing(SCALE).dayMs)) {
    say(`  ${what.padEnd(44)} memory ${inMs(memory, 1000, 'µs').padEnd(32)} asking ${inMs(asking)}`);
  }
}

async function sayRotations(awsUrl: string, apiUrl: string, providerUrl: string): Promise<void> {
  const secretsManager = new SecretsManagerClient(testClientOptions(awsUrl));
  t.after(() => secretsManager.destroy());
  const operator = operatorOf(t, 'prd', awsUrl);
  const figures = await rotationFigures(
    operator,
    sandboxClient(providerUrl),
    secretsManager,
    apiUrl,
    timing(SCALE).dayMs,
  );
  say('\nFrom the death of the old token at the provider to the first reader of the new one');
  say(`  read function     ${inMs(figures.readFunction)}`);
  say(`  published secret  ${inMs(figures.publishedSecret)}`);
}

function inMs({ p50, p99 }: Durations, factor = 1, unit = 'ms'): string {
  return `p50 ${(p50 * factor).toFixed(1)} ${unit}, p99 ${(p99 * factor).toFixed(1)} ${unit}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
