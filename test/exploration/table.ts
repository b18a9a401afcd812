import { readFile, writeFile } from 'node:fs/promises';
import type { TaskResult } from './sweep.ts';
import { WORLDS, worldNamed } from './worlds.ts';

/** The page that the table of worlds is in. */
export const PAGE = new URL('../../docs/reliability.md', import.meta.url);
const BEGIN = '<!-- what follows is written by: npm run explore -- --table -->';
const END = '<!-- the end of what is written by npm run explore -->';

/** How many faults there are rows for. */
const FAULTS = [0, 1, 2];
const HEAD = [
  '| world | | faults | orders | states | steps | not taken twice | longest | CPU | complete |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

/** Puts the figures of a run into the page, in the place of those of the same worlds and faults. */
export async function writeTable(results: readonly TaskResult[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${PAGE.pathname}: the place of the table is gone`);
  const rows = new Map([...rowsOf(rest ?? '')].map(([text, world, faults]) => [`${world} ${faults}`, text]));
  for (const result of results) rows.set(`${result.world} ${result.faults}`, row(result));
  const inOrder = WORLDS.flatMap(({ name }) =>
    FAULTS.flatMap((faults) => rows.get(`${name} ${faults}`) ?? []),
  );
  await writeFile(
    PAGE,
    [before, BEGIN, '\n\n', [...HEAD, ...inOrder].join('\n'), '\n\n', END, after].join(''),
  );
}

function row({ world, faults, found }: TaskResult): string {
  const { about } = worldNamed(world);
  const { orders, states, steps, skipped, deepest, seconds, isComplete, violation } = found;
  const figures = [orders, states, steps].map((figure) => figure.toLocaleString('en-US'));
  const share = `${Math.round((100 * skipped) / Math.max(1, steps + skipped))} %`;
  const end = violation ? '**broken**' : isComplete ? 'yes' : 'no: ended by the time';
  const cells = [`\`${world}\``, about, faults, ...figures, share, deepest, `${Math.ceil(seconds)} s`, end];
  return `| ${cells.join(' | ')} |`;
}

/** The worlds that the page lists, with the faults for which they are said to be complete. */
export async function listedWorlds(): Promise<{ world: string; faults: number; isComplete: boolean }[]> {
  const page = await readFile(PAGE, 'utf8');
  return [...rowsOf(page.split(BEGIN)[1]?.split(END)[0] ?? '')].map(([, world = '', faults, end]) => ({
    world,
    faults: Number(faults),
    isComplete: end === 'yes',
  }));
}

function rowsOf(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(/^\| `([\w-]+)` \|[^|]*\| (\d) \|.*\| ([^|]+) \|$/gm);
}
