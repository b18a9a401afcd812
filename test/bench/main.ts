import { writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import { NO_LINES } from '../../cli/format/table.ts';
import { benchmarksPage, type Run } from './page.ts';
import type { SectionFigures } from './section.ts';
import { SECTIONS } from './sections.ts';
import { BenchStack } from './stack.ts';

const USAGE = `npm run bench: measures on this machine, in less than ten minutes, and writes docs/benchmarks.md
npm run bench -- <section> …: measures these sections alone, and writes nothing

${SECTIONS.map(({ name, title }) => `  ${name.padEnd(12)}${title}`).join('\n')}

The figures of reading are explained in docs/reading.md, those of scale in docs/scale.md.
`;
const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);

const asked = process.argv.slice(2);
const unknown = asked.filter((each) => !SECTIONS.some(({ name }) => name === each));
if (unknown.length > 0) {
  const isHelp = unknown.every((each) => each === '--help' || each === '-h');
  process.stdout.write(isHelp ? USAGE : `bench has no such section; see npm run bench -- --help\n`);
  process.exit(isHelp ? 0 : 2);
}

const stack = new BenchStack();
const startMs = performance.now();
const measured: Run['measured'][number][] = [];
try {
  for (const section of SECTIONS.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    process.stdout.write(`${section.title}\n`);
    const figures = await section.measure(stack);
    process.stdout.write(`${printed(figures)}\n\n`);
    measured.push({ section, figures });
  }
} finally {
  await stack.stop();
}
if (asked.length === 0) {
  const seconds = (performance.now() - startMs) / 1000;
  writeFileSync(PAGE, benchmarksPage({ atMs: Date.now(), seconds, measured }));
  process.stdout.write(`docs/benchmarks.md is written, after ${seconds.toFixed(0)} s.\n`);
}

function printed({ columns, rows, remarks = [] }: SectionFigures): string {
  const table = new Table({ head: [...columns], chars: NO_LINES, style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  return [table.toString(), ...remarks].join('\n');
}
