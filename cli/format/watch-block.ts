import { stripVTControlCharacters } from 'node:util';
import type { CommandContext } from '../context.ts';
import { timeLeft } from './duration.ts';
import { healthOf } from './health.ts';
import { printable } from './printable.ts';
import { remedyLines } from './remedy.ts';
import type { Summary } from './summary.ts';
import { healthPaint, inOrder, nextTry } from './summary-views.ts';

/** What the live view knows beside the credentials. */
export interface WatchState {
  readonly nowMs: number;
  /** Size of the terminal: no line is wider, and the block is no higher. */
  readonly columns: number;
  readonly rows: number;
}

const BAR = 10;

/** The live view: how all is, a line for each credential, and what fixes those that are not well. Pure. */
export function watchBlock(
  { colors, target }: Pick<CommandContext, 'colors' | 'target'>,
  summaries: readonly Summary[],
  { nowMs, columns, rows }: WatchState,
): string {
  const all = inOrder(summaries).map((summary) => ({ summary, health: healthOf(summary, nowMs) }));
  const ill = all.filter(({ health }) => health.remedy !== undefined);
  const verdict = ill.length === 0 ? colors.green('all well') : colors.yellow(`${ill.length} not well`);
  const head = `${colors.bold(target.env)}  ${all.length} ${all.length === 1 ? 'credential' : 'credentials'}, ${verdict}`;
  const clock = colors.dim(`${new Date(nowMs).toISOString().slice(11, 19)} UTC, Ctrl+C ends this`);
  const idWidth = Math.min(28, Math.max(10, ...all.map(({ summary }) => summary.credential.length)));
  const lines = all.map(({ summary, health }) => {
    const id = printable(summary.credential).slice(0, idWidth).padEnd(idWidth);
    const word = wordOf(summary, health.code).padEnd(11);
    const painted = healthPaint(colors, summary, health.remedy !== undefined)(word);
    const end =
      summary.state === 'lapsed' ? 'ended' : timeLeft(summary.refresh_token_expires_at ?? undefined, nowMs);
    return `${id}  ${painted}  ${barOf(summary, nowMs)} ${tokenWords(summary, nowMs).padEnd(14)}  login: ${end}`;
  });
  const fixing = ill.flatMap(({ summary, health }) => [
    '',
    printable(health.sentence),
    ...(health.remedy
      ? remedyLines(health.remedy, target, (text) => colors.bold(text), nextTry(summary, nowMs)).map(
          (line) => `  ${line}`,
        )
      : []),
  ]);
  const block = [`${head}  ${clock}`, '', ...lines, ...fixing].flatMap((line) => wrapped(line, columns));
  return block.length <= rows
    ? block.join('\n')
    : [...block.slice(0, rows - 1), colors.dim('… more: renova list')].join('\n');
}

/** How many rows a block takes on a terminal of so many columns. */
export function rowsOf(block: string, columns: number): number {
  const lengths = block.split('\n').map((line) => stripVTControlCharacters(line).length);
  return lengths.reduce((rows, length) => rows + Math.max(1, Math.ceil(length / columns)), 0);
}

function wordOf({ state }: Summary, code: string): string {
  return code === 'healthy' ? state : code.replaceAll('-', ' ').slice(0, 11);
}

/** An access token's life as it runs down. */
function barOf({ issued_at, expires_at }: Summary, nowMs: number): string {
  const [fromMs, untilMs] = [Date.parse(issued_at ?? ''), Date.parse(expires_at ?? '')];
  const share = untilMs > fromMs ? Math.min(1, Math.max(0, (untilMs - nowMs) / (untilMs - fromMs))) : 0;
  const full = Math.ceil(share * BAR);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
}

function tokenWords({ expires_at, mode }: Summary, nowMs: number): string {
  if (!expires_at) return 'no token yet';
  const isOver = Date.parse(expires_at) <= nowMs;
  if (isOver) return mode === 'on-demand' ? 'on request' : 'expired';
  return timeLeft(expires_at, nowMs);
}

/**
 * A line in pieces of at most so many columns, broken at blanks; one that fits keeps its colours. A command is for
 * copying: it is in one piece where it fits on a line of its own.
 */
function wrapped(line: string, columns: number): string[] {
  const plain = stripVTControlCharacters(line);
  if (plain.length <= columns) return [line];
  const indent = /^ */.exec(plain)?.[0] ?? '';
  const pieces: string[] = [];
  for (const word of wordsOf(plain.trim(), columns - indent.length)) {
    const last = pieces.at(-1);
    const longer = last === undefined ? `${indent}${word}` : `${last} ${word}`;
    if (last === undefined || longer.length > columns) pieces.push(`${indent}${word}`);
    else pieces[pieces.length - 1] = longer;
  }
  return pieces.map((piece) => piece.slice(0, columns));
}

function wordsOf(text: string, columns: number): string[] {
  const [before = '', command] = text.split(/ (?=npx renova )/, 2);
  if (command === undefined || command.length > columns) return text.split(' ');
  return [...before.split(' '), command];
}
