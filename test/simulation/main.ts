import { runCommandLine } from '../../local/command-line.ts';
import { parseArguments, type SimulateArguments } from './options.ts';
import { renderReport } from './report.ts';
import { type Simulated, simulate } from './simulate.ts';

/** `npm run simulate`. Exit codes: 0 done, 2 wrong usage. */
await runCommandLine(parseArguments(process.argv.slice(2)), runAll);

async function runAll(asked: SimulateArguments): Promise<void> {
  const { run, seeds, json } = asked;
  // Whoever read our lines may leave (`npm run simulate | head`).
  process.stdout.on('error', () => process.exit(0));
  const results: Simulated[] = [];
  for (let seed = seeds.from; seed <= seeds.to; seed += 1) {
    const { figures, details } = await simulate({ ...run, seed });
    if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else results.push({ figures, details: { ...details, losses: [] } });
  }
  if (!json) process.stdout.write(renderReport(asked, results));
}
