import type { CommandContext } from '../context.ts';
import { commandLine } from '../target.ts';
import { details } from './details.ts';
import { timeLeft } from './duration.ts';
import { healthOf, isUnpublished } from './health.ts';
import { printable } from './printable.ts';
import { isFailing, type Summary } from './summary.ts';
import { table } from './table.ts';

const HEAD = ['credential', 'provider', 'state', 'token valid for', 'chain ends in', 'generation'];

/** A chain with less left is shown in yellow: the first warning that leaves little of a working day. */
const CHAIN_SHORT_MS = 12 * 60 * 60 * 1000;

/** The table of `list`. */
export function summaryTable({ clock, colors }: CommandContext, summaries: readonly Summary[]): string {
  if (summaries.length === 0) return 'No credential is registered.\n';
  const nowMs = clock.nowMs();
  const rows = summaries.map((summary) => {
    const { expires_at, refresh_token_expires_at } = summary;
    const tokenLate = summary.mode !== 'on-demand' && isBefore(expires_at, nowMs);
    const chainShort = isBefore(refresh_token_expires_at, nowMs + CHAIN_SHORT_MS);
    const token = timeLeft(expires_at ?? undefined, nowMs);
    const chain = timeLeft(refresh_token_expires_at ?? undefined, nowMs);
    return [
      printable(summary.credential),
      printable(summary.provider ?? '-'),
      paintState(stateWord(summary, nowMs), colors),
      tokenLate ? colors.red(token) : token,
      chainShort ? colors.yellow(chain) : chain,
      String(summary.generation ?? '-'),
    ];
  });
  return table(HEAD, rows);
}

/** The page of `status <id>`: how it is in a sentence, what mends it, then everything that is known. */
export function summaryPage({ clock, colors, target }: CommandContext, summary: Summary): string {
  const nowMs = clock.nowMs();
  const { sentence, mend, otherwise } = healthOf(summary, nowMs);
  const toCopy = (command: string) => colors.bold(printable(commandLine(target, command)));
  const paint = mend === undefined ? colors.green : colors.yellow;
  const { credential, state: _, ...rest } = summary;
  return [
    `${paint(printable(sentence))}\n`,
    mend === undefined ? '' : `To mend it: ${toCopy(mend)}\n`,
    otherwise === undefined ? '' : `If ${otherwise.when}: ${toCopy(otherwise.command)}\n`,
    '\n',
    details({ credential, state: stateWord(summary, nowMs), ...rest }, nowMs),
  ].join('');
}

/** `failing` and `unpublished` are not states of the ledger, but what an operator looks for. */
function stateWord(summary: Summary, nowMs: number): string {
  if (isFailing(summary)) return 'failing';
  return isUnpublished(summary, nowMs) ? 'unpublished' : printable(summary.state);
}

function paintState(word: string, colors: CommandContext['colors']): string {
  if (word === 'active') return colors.green(word);
  if (word === 'lapsed') return colors.red(word);
  return colors.yellow(word);
}

function isBefore(time: string | null | undefined, ms: number): boolean {
  return Date.parse(time ?? '') <= ms;
}
