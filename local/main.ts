import { systemClock } from '../shared/clock/system-clock.ts';
import { timing } from '../shared/config/timing.ts';
import { laneAt } from '../shared/vault/lanes.ts';
import { TablesCorruptError } from './aws/dynamodb/check-folder.ts';
import { runCommandLine } from './command-line.ts';
import { DiskFailedError } from './data/disk-room.ts';
import { DataInUseError } from './data/folder-lock.ts';
import { JournalCorruptError } from './data/journal/journal-lines.ts';
import { DataFolderError } from './data/make-folder.ts';
import { DEMO_CREDENTIAL } from './demo.ts';
import { PortInUseError } from './http/http-server.ts';
import { parseArguments, type StackOptions } from './options.ts';
import { startStack } from './stack.ts';
import { introduction } from './terminal/introduction.ts';
import type { Overview } from './terminal/overview.ts';
import { createTerminal } from './terminal/terminal.ts';

/** `npm start`: the embedded default. Exit codes: 0 stopped, 1 could not start, 2 wrong usage. */
await runCommandLine(parseArguments(process.argv.slice(2)), run);

async function run(options: StackOptions): Promise<void> {
  // Whoever read our lines may leave (`npm start | head`): that ends the view, not the stack.
  process.stdout.on('error', () => undefined);
  const { tickMs, dayMs } = timing(options.scale);
  const clock = systemClock;
  const terminal = createTerminal({ clock, out: process.stdout, tickMs, dayMs });
  const asked = stopSignal();
  try {
    const stack = await startStack(options, { clock, report: terminal.report });
    const overview = await stack.overview?.().catch(() => undefined);
    const example = overview && exampleOf(overview, clock.nowMs(), dayMs);
    process.stdout.write(introduction({ ...options, ...stack, example }));
    if (stack.overview) terminal.watch(stack.overview);
    const failure = await Promise.race([asked, stack.failed]);
    await terminal.stop();
    if (!failure) sayStopping();
    await stack.stop();
    if (failure) throw failure;
    process.stdout.write(`Stopped. ${whatIsLeft(options)}\n`);
    process.exit(0);
  } catch (error) {
    await terminal.stop();
    process.stderr.write(`${failureSentence(error)}\n`);
    process.exit(1);
  }
}

/**
 * Resolves when the process is asked to stop. A second signal does not wait for runs under way; what they
 * leave is what a crash leaves. The listeners stay: without any, log-update ends the process at once.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = () => {
      signals += 1;
      if (signals > 1) process.exit(1);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  });
}

/** On a line of its own below the ^C that the terminal shows. */
function sayStopping(): void {
  const text = 'Stopping: what is under way gets a few seconds. Press Ctrl+C again to end at once.';
  process.stdout.write(`\n${text}\n`);
}

function whatIsLeft({ data }: StackOptions): string {
  return data === undefined
    ? 'Its state was in memory; --data DIR keeps it.'
    : `Its state is in ${data}; start with the same --data to go on.`;
}

function failureSentence(error: unknown): string {
  const expected = [
    PortInUseError,
    DataInUseError,
    DataFolderError,
    DiskFailedError,
    JournalCorruptError,
    TablesCorruptError,
  ];
  if (expected.some((type) => error instanceof type) && error instanceof Error) return error.message;
  return `The local stack could not start: ${error instanceof Error ? error.message : 'unknown error'}`;
}

/** The demo, or the first credential, for the commands to try. */
function exampleOf({ credentials }: Overview, nowMs: number, dayMs: number) {
  const one = credentials.find(({ credential }) => credential === DEMO_CREDENTIAL) ?? credentials[0];
  return one && { credential: one.credential, lane: laneAt(nowMs, one.lanes, dayMs) };
}
