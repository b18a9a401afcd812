import { cpus } from 'node:os';
import type { Section, SectionFigures } from './section.ts';

/** What was measured, and in which run. */
export interface Run {
  readonly atMs: number;
  readonly seconds: number;
  readonly measured: readonly { readonly section: Section; readonly figures: SectionFigures }[];
}

/** docs/benchmarks.md: every figure in it is from the run. */
export function benchmarksPage({ atMs, seconds, measured }: Run): string {
  const [first, ...others] = cpus();
  const cores = `${others.length + 1} cores (${(first?.model ?? 'unknown').trim()})`;
  const head = [
    '# Benchmarks',
    'Written by `npm run bench`, which measures everything on this page in one run: change the measurement, not the page. `npm run bench -- <section>` measures one section and writes nothing.',
    `${new Date(atMs).toISOString().slice(0, 10)}, Node ${process.version}, ${process.platform} ${process.arch}, ${cores}, ${Math.ceil(seconds / 60)} minutes. Read the ratios: the figures themselves are of that machine, which did other things too.`,
  ];
  const sections = measured.map(({ section: { name, title, text }, figures }) =>
    [
      `## ${title}`,
      text,
      markdownTable(figures),
      ...(figures.remarks ?? []),
      `Made by \`npm run bench -- ${name}\`.`,
    ].join('\n\n'),
  );
  return `${[...head, ...sections].join('\n\n')}\n`;
}

function markdownTable({ columns, rows }: SectionFigures): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
