import { readFile, writeFile } from 'node:fs/promises';
import type { Exploration } from './explore.ts';
import { FAULTS } from './faults.ts';
import type { Task, TaskResult } from './sweep.ts';
import { WORLDS, worldNamed } from './worlds.ts';

/** The page that the table of worlds is in. */
export const PAGE = new URL('../../docs/reliability.md', import.meta.url);
const BEGIN = '<!-- what follows is written by: npm run explore -- --table -->';
const END = '<!-- the end of what is written by npm run explore -->';

const HEAD = [
  '| world | | faults | orders | states | longest | CPU | complete |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
];
/** States of each world by the kind of its one fault. */
const HEAD_OF_KINDS = [
  `| states with one | ${FAULTS.join(' | ')} |`,
  `| --- |${' --- |'.repeat(FAULTS.length)}`,
];

/** Puts the figures of a run into the page, in the place of those of the same worlds and faults. */
export async function writeTable(results: readonly TaskResult[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${PAGE.pathname}: the place of the table is gone`);
  const rows = new Map([...rowsOf(rest ?? '')].map(([text, world, faults]) => [`${world} ${faults}`, text]));
  const kinds = new Map([...kindRowsOf(rest ?? '')].map(([text, world = '']) => [world, text]));
  for (const { name } of WORLDS) {
    const ofWorld = results.filter(({ world }) => world === name);
    for (const faults of [0, 1, 2]) {
      const found = ofWorld.filter((result) => result.faults === faults);
      if (found.length > 0) rows.set(`${name} ${faults}`, row(name, faults, found));
    }
    const ofKinds = ofWorld.filter(({ faults, kind }) => faults === 1 && kind !== undefined);
    if (ofKinds.length > 0) kinds.set(name, kindRow(name, ofKinds));
  }
  const inOrder = WORLDS.flatMap(({ name }) =>
    [0, 1, 2].flatMap((faults) => rows.get(`${name} ${faults}`) ?? []),
  );
  const tables = [
    [...HEAD, ...inOrder].join('\n'),
    [...HEAD_OF_KINDS, ...WORLDS.flatMap(({ name }) => kinds.get(name) ?? [])].join('\n'),
  ];
  await writeFile(PAGE, [before, BEGIN, '\n\n', tables.join('\n\n'), '\n\n', END, after].join(''));
}

function row(world: string, faults: number, results: readonly TaskResult[]): string {
  const { about } = worldNamed(world);
  const all = results.map(({ found }) => found);
  const sum = (of: 'orders' | 'states' | 'seconds') => all.reduce((before, found) => before + found[of], 0);
  const figures = [sum('orders'), sum('states')].map(inWords);
  const isComplete = all.every((found) => found.isComplete);
  const isBroken = all.some(({ violation }) => violation);
  const end = isBroken ? '**broken**' : isComplete ? 'yes' : `no: ${howFar(all)}`;
  const deepest = Math.max(...all.map((found) => found.deepest));
  const cells = [`\`${world}\``, about, faults, ...figures, deepest, `${Math.ceil(sum('seconds'))} s`, end];
  return `| ${cells.join(' | ')} |`;
}

/** Of several, the one that came least far. */
function howFar(all: readonly Exploration[]): string {
  const switches = all.filter((found) => !found.isComplete).map((found) => found.switches ?? -1);
  const least = Math.min(...switches);
  if (least < 0) return 'ended by the time';
  return least === 1 ? 'up to 1 switch' : `up to ${least} switches`;
}

function kindRow(world: string, results: readonly TaskResult[]): string {
  const cells = FAULTS.map((kind) => {
    const result = results.find((one) => one.kind === kind);
    if (!result) return '';
    const { states, isComplete } = result.found;
    return isComplete ? inWords(states) : `${inWords(states)} (${howFar([result.found])})`;
  });
  return `| *${world}* | ${cells.join(' | ')} |`;
}

function inWords(figure: number): string {
  return figure.toLocaleString('en-US');
}

/** The worlds that the page lists, with the faults for which they are said to be complete. */
export async function listedWorlds(): Promise<{ world: string; faults: number; isComplete: boolean }[]> {
  return [...rowsOf(await written())].map(([, world = '', faults, , end]) => ({
    world,
    faults: Number(faults),
    isComplete: end === 'yes',
  }));
}

/** How many states each task met when the page was written; 0 if that is not known. */
export async function listedStates(): Promise<(task: Task) => number> {
  const text = await written();
  const states = new Map<string, number>();
  const number = (cell = '') => Number.parseInt(cell.replaceAll(',', ''), 10) || 0;
  for (const [, world, faults, orders] of rowsOf(text)) states.set(`${world} ${faults}`, number(orders));
  for (const [, world, cells = ''] of kindRowsOf(text))
    for (const [place, cell] of cells.split(' | ').entries())
      states.set(`${world} 1 ${FAULTS[place]}`, number(cell));
  return ({ world, faults, kind }) =>
    states.get([world, faults, kind].filter((part) => part !== undefined).join(' ')) ?? 0;
}

async function written(): Promise<string> {
  const page = await readFile(PAGE, 'utf8');
  return page.split(BEGIN)[1]?.split(END)[0] ?? '';
}

function rowsOf(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(/^\| `([\w-]+)` \|[^|]*\| (\d) \| [\d,]+ \| ([\d,]+) \|.*\| ([^|]+) \|$/gm);
}

function kindRowsOf(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(/^\| \*([\w-]+)\* \| (.*) \|$/gm);
}
