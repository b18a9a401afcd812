import { stripVTControlCharacters } from 'node:util';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { Clock } from '../../shared/clock/clock.ts';
import type { LostPart } from '../data/lost-part.ts';
import type { StackReport } from '../stack-report.ts';
import type { Overview } from './overview.ts';
import { type BlockState, notableChanges, overviewBlock, summaryLine } from './overview-lines.ts';

export interface TerminalOptions {
  readonly clock: Clock;
  readonly out: NodeJS.WriteStream;
  /** What the stack makes of time: see shared/config/timing.ts. */
  readonly tickMs: number;
  readonly dayMs: number;
}

/** What a person sees of a running stack. */
export interface Terminal {
  /** Takes what the stack reports; also before {@link Terminal.watch}. */
  report(report: StackReport): void;
  /** Begins to look at the stack: a live block on a terminal, else a line for each notable change. */
  watch(overview: () => Promise<Overview>): void;
  stop(): Promise<void>;
}

const LIVE_MS = 1000;
const QUIET_MS = 5000;
const SUMMARY_MS = 60_000;
const NEWS_LINES = 4;
const DEFAULT_COLUMNS = 80;

/** A calm view: one small block that renews itself, or few lines where there is no terminal. */
export function createTerminal({ clock, out, tickMs, dayMs }: TerminalOptions): Terminal {
  // A terminal of no height (a recorder's) has no room for a block.
  const live = out.isTTY && out.rows > 0 ? createLogUpdate(out) : undefined;
  const stopped = new AbortController();
  const news: string[] = [];
  let lastTickMs: number | undefined;
  let before: Overview | undefined;
  let summarizedAtMs = clock.monotonicMs();
  let watching = Promise.resolve();
  let block = '';

  const tell = (line: string) => {
    const timed = `${new Date(clock.nowMs()).toISOString().slice(11, 19)}  ${line}`;
    if (!live) out.write(`${timed}\n`);
    news.push(timed);
    news.splice(0, news.length - NEWS_LINES);
  };

  const draw = () => {
    if (!live || !before) return;
    const columns = out.columns || DEFAULT_COLUMNS;
    const state: BlockState = { nowMs: clock.nowMs(), lastTickMs, tickMs, dayMs, news, columns };
    block = overviewBlock(before, state);
    live(block);
  };

  /** A narrower terminal breaks the lines of the old block: it goes away as a whole, by its height as it is now. */
  const redraw = () => {
    if (!live || block === '') return;
    const rows = rowsOf(block, out.columns || DEFAULT_COLUMNS);
    out.write(`\x1b[${rows}F\x1b[0J`);
    live.done();
    draw();
  };
  if (live) out.on('resize', redraw);

  const show = (overview: Overview) => {
    for (const change of notableChanges(before, overview)) tell(change);
    before = overview;
    draw();
    if (live || clock.monotonicMs() - summarizedAtMs < SUMMARY_MS) return;
    summarizedAtMs = clock.monotonicMs();
    tell(summaryLine(overview));
  };

  const keepWatching = async (overview: () => Promise<Overview>) => {
    while (!stopped.signal.aborted) {
      const seen = await overview().catch(() => undefined);
      if (stopped.signal.aborted) return;
      if (seen) show(seen);
      await clock.sleep(live ? LIVE_MS : QUIET_MS, stopped.signal);
    }
  };

  return {
    report(report) {
      if (report.type === 'tick') lastTickMs = report.atMs;
      const line = reportLine(report);
      if (line) tell(line);
    },
    watch(overview) {
      watching = keepWatching(overview);
    },
    async stop() {
      stopped.abort();
      await watching;
      out.off('resize', redraw);
      live?.done();
    },
  };
}

/** How many rows a block takes in a terminal of that width. Pure. */
export function rowsOf(block: string, columns: number): number {
  const rows = block
    .split('\n')
    .map((line) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)));
  return rows.reduce((sum, each) => sum + each, 0);
}

/** Changes that the overview shows anyway are not told twice. */
const SHOWN_ANYWAY = new Set([
  'Token Refreshed',
  'Refresh Failing',
  'Credential Lapsed',
  'Credential Recovered',
]);

const DATA_LOST = {
  tables:
    'the data folder has secrets.jsonl but no dynamodb/: every credential is gone and must be registered again',
  secrets:
    'the data folder has dynamodb/ but no secrets.jsonl: client secrets and seal keys are gone; take another folder, or restore it',
  provider:
    'the data folder has dynamodb/ but no provider.jsonl: the sandbox knows no login of before, so each credential needs a new refresh token (renova reseed)',
} as const satisfies Readonly<Record<LostPart, string>>;

/** Events that no waiting fixes: what to do is shown with them. */
const NEEDS_SOMEBODY = new Set(['Credential Lapsed', 'Credential Misconfigured', 'Refresh Token Lapsing']);

export function reportLine(report: StackReport): string | undefined {
  switch (report.type) {
    case 'demo':
      return demoLine(report.outcome);
    case 'data-lost':
      return pc.yellow(DATA_LOST[report.part]);
    case 'function-failed':
      return pc.red(`${report.name} failed: ${report.errorType}`);
    case 'defect':
      return pc.red(`the local stack itself failed: ${report.code}`);
    case 'event': {
      const { 'detail-type': type, detail } = report.event;
      const remedy =
        NEEDS_SOMEBODY.has(type) && typeof detail.remedy === 'string' ? detail.remedy : undefined;
      if (SHOWN_ANYWAY.has(type)) return remedy;
      const what = `${type}: ${String(detail.credential ?? '')}`;
      return remedy === undefined ? what : `${what}. ${remedy}`;
    }
    case 'provider':
      return report.event.type === 'failed'
        ? pc.red(`the provider sandbox failed: ${report.event.code}`)
        : undefined;
    default:
      return undefined;
  }
}

function demoLine(outcome: Extract<StackReport, { type: 'demo' }>['outcome']): string | undefined {
  if (outcome.result === 'failed')
    return pc.yellow(`the credential demo could not be registered (${outcome.reason}); the rest works`);
  if (outcome.result === 'moved')
    return 'demo: kept from the data folder, and moved to the port of the sandbox';
  return outcome.result === 'kept' ? 'demo: kept from the data folder' : undefined;
}
