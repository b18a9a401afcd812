import { runCommandLine } from '../../local/command-line.ts';
import type { Figures } from './figures.ts';
import { parseArguments, type SimulateArguments } from './options.ts';
import { renderReport } from './report.ts';
import { type Simulated, simulate } from './simulate.ts';

/** `npm run simulate`. Exit codes: 0 done, 2 wrong usage. */
await runCommandLine(parseArguments(process.argv.slice(2)), runAll);

async function runAll(asked: SimulateArguments): Promise<void> {
  const { run, seeds, json, progress } = asked;
  // Simulated failures are errors by the million, and nobody looks at where they come from.
  Error.stackTraceLimit = 0;
  // Whoever read our lines may leave (`npm run simulate | head`).
  process.stdout.on('error', () => process.exit(0));
  const results: Simulated[] = [];
  for (let seed = seeds.from; seed <= seeds.to; seed += 1) {
    const { figures, details } = await simulate({ ...run, seed });
    if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else results.push({ figures, details: { ...details, losses: [] } });
    if (progress) process.stderr.write(`${progressOf(seed, asked, figures)}\n`);
  }
  if (!json) process.stdout.write(renderReport(asked, results));
}

function progressOf(seed: number, { seeds: { from, to } }: SimulateArguments, figures: Figures): string {
  const { chains_lost, chains_lost_unavoidably } = figures;
  const avoidable = chains_lost - chains_lost_unavoidably;
  return `seed ${seed}: ${seed - from + 1} of ${to - from + 1}, ${chains_lost} chains lost, ${avoidable} avoidably`;
}
