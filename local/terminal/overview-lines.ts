import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { laneAt } from '../../shared/vault/lanes.ts';
import type { CredentialOverview, Overview } from './overview.ts';

/** What the live block shows beside the overview. */
export interface BlockState {
  readonly nowMs: number;
  readonly lastTickMs: number | undefined;
  readonly tickMs: number;
  readonly dayMs: number;
  /** The latest notable lines, oldest first. */
  readonly news: readonly string[];
  /** Width of the terminal: no line is longer. */
  readonly columns: number;
}

const SHOWN_CREDENTIALS = 10;

/** The live block: last tick, credentials, quotas, news. */
export function overviewBlock(overview: Overview, state: BlockState): string {
  const { credentials, quotas } = overview;
  const shown = credentials.slice(0, SHOWN_CREDENTIALS);
  const cells = shown.map((one) => cellsOf(one, state));
  const widths = LEAST_WIDTHS.map((least, at) =>
    Math.max(least, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const rows = shown.map((one, at) => `  ${credentialRow(one, cells[at] ?? [], widths, state)}`);
  if (credentials.length === 0) rows.push(pc.dim('  no credential is registered'));
  if (credentials.length > shown.length)
    rows.push(pc.dim(`  … and ${credentials.length - shown.length} more`));
  return [
    tickLine(state),
    ...rows,
    ...quotas.map(({ key, used, limit }) => pc.dim(`  quota ${key}: ${used} of ${limit} in use`)),
    ...state.news
      .flatMap((line) => wrapped(line, state.columns - NEWS_INDENT.length))
      .map((line) => pc.dim(`${NEWS_INDENT}${line}`)),
  ]
    .map((line) => cut(line, state.columns))
    .join('\n');
}

const NEWS_INDENT = '  ';
const ESCAPE = '\u001b';
/** A colour, as a part of what `split` gives. */
const COLOUR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** A text in lines of at most so many columns, broken at blanks: news may end in a command to type. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of stripVTControlCharacters(text).split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || `${last} ${word}`.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** The line in at most so many columns; colours take none. */
function cut(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  let shown = 0;
  let text = '';
  for (const part of line.split(COLOUR).flatMap((each) => (each.startsWith(ESCAPE) ? [each] : [...each]))) {
    const isColour = part.startsWith(ESCAPE);
    if (!isColour && shown === columns - 1) break;
    if (!isColour) shown += 1;
    text += part;
  }
  return `${text}…${line === stripVTControlCharacters(line) ? '' : `${ESCAPE}[0m`}`;
}

function tickLine({ lastTickMs, nowMs, tickMs }: BlockState): string {
  const every = `one every ${seconds(tickMs)}`;
  if (lastTickMs === undefined) return `${pc.bold('tick')} none yet (${every})`;
  return `${pc.bold('tick')} ${seconds(Math.max(0, nowMs - lastTickMs))} ago (${every})`;
}

/** Columns do not jump when a generation gets a digit more, or a token a minute less. */
const LEAST_WIDTHS = [10, 7, 16, 18] as const;

/** Texts of the columns that are aligned, without colours. */
function cellsOf(one: CredentialOverview, { nowMs }: BlockState): readonly string[] {
  return [one.credential, stateOf(one), `generation ${one.generation}`, expiryOf(one, nowMs)];
}

function credentialRow(
  one: CredentialOverview,
  cells: readonly string[],
  widths: readonly number[],
  { nowMs, dayMs }: BlockState,
): string {
  const [credential = '', state = '', ...others] = cells.map((cell, at) => cell.padEnd(widths[at] ?? 0));
  const lane = pc.dim(
    `lane ${laneAt(nowMs, one.lanes, dayMs)} of ${one.lanes}, fullest holds ${one.fullestLaneVersions}`,
  );
  return [credential, painted(one, state), ...others, lane].join('  ');
}

function stateOf({ state, failingSinceMs, reason }: CredentialOverview): string {
  return state === 'active' && failingSinceMs !== undefined ? `failing (${reason ?? 'unknown'})` : state;
}

function painted({ state, failingSinceMs }: CredentialOverview, text: string): string {
  if (state !== 'active') return pc.red(text);
  return failingSinceMs === undefined ? pc.green(text) : pc.yellow(text);
}

function expiryOf({ expiresAtMs }: CredentialOverview, nowMs: number): string {
  if (expiresAtMs === undefined) return 'no token yet';
  return expiresAtMs > nowMs ? `expires in ${seconds(expiresAtMs - nowMs)}` : 'expired';
}

/** One line for a log: how many credentials of each state, and the quotas. */
export function summaryLine({ credentials, quotas }: Overview): string {
  const counts = new Map<string, number>();
  for (const one of credentials) {
    const state = one.state === 'active' && one.failingSinceMs !== undefined ? 'failing' : one.state;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(', ') || 'none';
  const newest = Math.max(0, ...credentials.map(({ generation }) => generation));
  const used = quotas.map(({ key, used: inUse, limit }) => `; quota ${key} ${inUse}/${limit}`).join('');
  return `credentials: ${states}; highest generation ${newest}${used}`;
}

/** What a watcher should hear of, between two looks. */
export function notableChanges(before: Overview | undefined, after: Overview): string[] {
  const known = new Map(before?.credentials.map((one) => [one.credential, one]));
  const lines: string[] = [];
  for (const one of after.credentials) {
    const old = known.get(one.credential);
    known.delete(one.credential);
    lines.push(...changesOf(old, one).map((change) => `${one.credential}: ${change}`));
  }
  return [...lines, ...[...known.keys()].map((credential) => `${credential}: removed`)];
}

function changesOf(old: CredentialOverview | undefined, one: CredentialOverview): string[] {
  const changes: string[] = [];
  if (!old) changes.push(`${one.state}, ${one.lanes} ${one.lanes === 1 ? 'lane' : 'lanes'}`);
  if (old && old.state !== one.state) changes.push(one.reason ? `${one.state} (${one.reason})` : one.state);
  if (old?.expiresAtMs === undefined && one.expiresAtMs !== undefined)
    changes.push(`has a token, generation ${one.generation}`);
  const failed = one.failingSinceMs !== undefined;
  const failedBefore = old?.failingSinceMs !== undefined;
  if (failed && !failedBefore) changes.push(`failing (${one.reason ?? 'unknown'})`);
  if (!failed && failedBefore && one.state === 'active') changes.push('recovered');
  return changes;
}

/** Rounded first and divided afterwards: no minute has 60 seconds. */
function seconds(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 120) return `${whole} s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
}
