import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPrograms } from './runner/build-programs.ts';
import { removedWithUs } from './runner/ends-with-us.ts';
import { type Job, jobsOf, longestFirst } from './runner/jobs.ts';
import { Report } from './runner/report.ts';
import { runJob } from './runner/run-job.ts';
import { TIERS } from './runner/tiers.ts';

/**
 * `npm test`: every tier, a process for each processor, and one more that mostly waits. `-- <tier> …`: only those.
 * `--more` (`npm run prove`): the tests that prove more by running longer, and those alone.
 */
const args = process.argv.slice(2);
const more = args.includes('--more');
const positionals = args.filter((each) => each !== '--more');
if (positionals.some((each) => each === '--help' || each === '-h')) {
  console.log(
    'npm test: every tier; npm run prove: what proves more by running longer. After --, only these:\n',
  );
  for (const { name, proves } of TIERS) console.log(`  ${name.padEnd(12)}${proves}`);
  process.exit(0);
}
const unknown = positionals.filter((name) => !TIERS.some((tier) => tier.name === name));
if (unknown.length > 0) {
  console.error(
    `${unknown.join(', ')}: no such tier; expected some of ${TIERS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const chosen = TIERS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
// Of all tiers, because a file belongs to the first that matches it.
const jobs = jobsOf(TIERS, { more }).filter(({ tier }) => chosen.includes(tier));
const atATime = Math.max(2, availableParallelism());
const folder = removedWithUs(mkdtempSync(join(tmpdir(), 'renova-tests-')));
// Every process reads what an earlier one has compiled: a third of the CPU time of those that live for a second.
process.env.NODE_COMPILE_CACHE ??= join(folder, 'compiled');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

console.log(`${jobs.length} processes, ${atATime} at a time, and one that mostly waits beside them`);
if (jobs.some(({ tier }) => tier.startsPrograms)) {
  process.env.RENOVA_TEST_PROGRAMS = await buildPrograms();
}
const report = new Report(jobs.length, console.log);
const all = [...longestFirst(jobs).entries()];
const waiting = all.filter(([, { waits }]) => waits).values();
const computing = all.filter(([, { waits }]) => !waits).values();
await Promise.all([
  work(waiting),
  ...Array.from({ length: atATime }, () => work(computing).then(() => work(waiting))),
]);
process.exitCode = report.sum() ? 0 : 1;

async function work(left: Iterable<[number, Job]>): Promise<void> {
  for (const [place, job] of left) {
    report.begins(job);
    const result = await runJob(job, join(folder, `${place}.json`), more);
    report.ended(job, result, { diagnostics: more });
  }
}
