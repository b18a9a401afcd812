import type { CommandContext } from '../context.ts';
import { details } from './details.ts';
import { duration, timeLeft } from './duration.ts';
import { healthOf, isUnpublished } from './health.ts';
import { printable } from './printable.ts';
import { remedyLines } from './remedy.ts';
import { isFailing, type Summary } from './summary.ts';
import { table } from './table.ts';

const HEAD = ['credential', 'provider', 'state', 'mode', 'token valid for', 'refresh token', 'generation'];

/** A refresh token of whose life less is left is shown in yellow: a healthy one is replaced before half of it is gone. */
const SHORT_SHARE = 0.25;

type Colors = CommandContext['colors'];

/** The table of `list`; `none` is what it says where there is nothing. */
export function summaryTable(
  { clock, colors }: CommandContext,
  summaries: readonly Summary[],
  none = 'No credential is registered.',
): string {
  if (summaries.length === 0) return `${none}\n`;
  const nowMs = clock.nowMs();
  const rows = inOrder(summaries).map((summary) => [
    printable(summary.credential),
    printable(summary.provider ?? '-'),
    paintState(stateWord(summary, nowMs), colors),
    printable(summary.mode ?? '-'),
    tokenCell(summary, nowMs, colors),
    chainCell(summary, nowMs, colors),
    String(summary.generation ?? '-'),
  ]);
  return table(HEAD, rows);
}

/** `c2` before `c10`, as people count. */
export function inOrder(summaries: readonly Summary[]): Summary[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...summaries].sort((a, b) => compare(a.credential, b.credential));
}

/** An on-demand credential without a living token is well: it gets one when somebody asks. */
function tokenCell({ mode, expires_at }: Summary, nowMs: number, colors: Colors): string {
  const left = timeLeft(expires_at ?? undefined, nowMs);
  if (!isBefore(expires_at, nowMs)) return left;
  return mode === 'on-demand' ? 'on request' : colors.red(left);
}

/** The end of a refresh token means nothing for a chain that is over. */
function chainCell(summary: Summary, nowMs: number, colors: Colors): string {
  const { state, refresh_token_issued_at: begin, refresh_token_expires_at: end } = summary;
  if (state === 'lapsed') return 'ended';
  const left = timeLeft(end ?? undefined, nowMs);
  const lifeMs = Date.parse(end ?? '') - Date.parse(begin ?? '');
  return isBefore(end, nowMs + SHORT_SHARE * lifeMs) ? colors.yellow(left) : left;
}

/** The page of `status <id>`: how it is in a sentence, what fixes it, then everything that is known. */
export function summaryPage({ clock, colors, target }: CommandContext, summary: Summary): string {
  const nowMs = clock.nowMs();
  const { sentence, remedy } = healthOf(summary, nowMs);
  const paint = healthPaint(colors, summary, remedy !== undefined);
  const lines = remedy
    ? remedyLines(remedy, target, (text) => colors.bold(printable(text)), nextTry(summary, nowMs))
    : [];
  const { credential, state: _, ...rest } = summary;
  return [
    `${paint(printable(sentence))}\n`,
    ...lines.map((line) => `${line}\n`),
    '\n',
    details({ credential, state: stateWord(summary, nowMs), ...rest }, nowMs),
  ].join('');
}

/** Red is what has ended, yellow what else is not well. */
export function healthPaint(
  colors: Colors,
  { state }: Summary,
  isIll: boolean,
): (text: string | number) => string {
  if (state === 'lapsed') return colors.red;
  return isIll ? colors.yellow : colors.green;
}

/** When Renova tries again by itself: `in 12 s`; at the next tick when that is due already. */
export function nextTry({ due_at }: Summary, nowMs: number): string {
  const leftMs = Date.parse(due_at ?? '') - nowMs;
  return leftMs >= 1000 ? `in ${duration(leftMs)}` : 'at the next tick';
}

/** `failing` and `unpublished` are not states of the ledger, but what an operator looks for. */
function stateWord(summary: Summary, nowMs: number): string {
  if (isFailing(summary)) return 'failing';
  return isUnpublished(summary, nowMs) ? 'unpublished' : printable(summary.state);
}

function paintState(word: string, colors: Colors): string {
  if (word === 'active') return colors.green(word);
  if (word === 'lapsed') return colors.red(word);
  return colors.yellow(word);
}

function isBefore(time: string | null | undefined, ms: number): boolean {
  return Date.parse(time ?? '') <= ms;
}
