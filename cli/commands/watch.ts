import type { Command } from 'commander';
import { createLogUpdate } from 'log-update';
import { ask } from '../ask.ts';
import type { Bind, CommandContext, Output } from '../context.ts';
import { CommandFailure, UsageError } from '../errors.ts';
import { summariesOf } from '../format/summary.ts';
import { rowsOf, watchBlock } from '../format/watch-block.ts';
import { wholeNumber } from '../option-values.ts';

interface WatchOptions {
  readonly every?: number;
}

/** A look at AWS is an invocation; the local stack costs nothing. */
const EVERY_SECONDS = { local: 1, aws: 5 } as const;

/** Adds `watch`. */
export function addWatchCommand(program: Command, bind: Bind): void {
  program
    .command('watch')
    .description('every credential, live in the terminal')
    .addOption(wholeNumber('--every <seconds>', 'how often to look (1 locally, 5 in AWS)', { most: 3600 }))
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx renova watch --local\n  $ npx renova watch --every 30 --env prd\n\nIt ends with Ctrl+C. With --json it prints one document a line at each look.',
    )
    .action(bind(watch));
}

/** Draws until it is told to end. A look that fails is said, and made again. */
async function watch(context: CommandContext, { every }: WatchOptions): Promise<void> {
  const { clock, stdout, target, json } = context;
  if (!json && !stdout.isTTY) {
    throw new UsageError('there is no terminal to draw on: use renova list, or watch --json');
  }
  const pauseMs = 1000 * (every ?? (target.localEndpoint ? EVERY_SECONDS.local : EVERY_SECONDS.aws));
  const stopped = new AbortController();
  const draw = json ? undefined : drawer(context);
  const ended = context.untilStopped().then(() => stopped.abort());
  // What is wrong from the start (no such stack, no right to look) ends it; what comes later is said and passes.
  let seen = await look(context);
  draw?.(seen);
  while (!stopped.signal.aborted) {
    await clock.sleep(pauseMs, stopped.signal);
    if (stopped.signal.aborted) break;
    seen = await look(context).catch(sayFailure);
    draw?.(seen);
  }
  await ended;
  draw?.(undefined);
  if (!json) stdout.write('The live view is closed.\n');
}

type Seen = readonly ReturnType<typeof summariesOf>[number][] | string;

/** Writes nothing beside the block. */
async function look(context: CommandContext): Promise<Seen> {
  const silent = { ...context, stderr: { write: () => undefined } };
  return summariesOf(await ask(silent, 'admin', { action: 'list' }));
}

function sayFailure(error: unknown): string {
  if (error instanceof CommandFailure) return error.message;
  throw error;
}

/** Draws in the place of what it drew before; with nothing it lets that stand and gives the cursor back. */
function drawer(context: CommandContext): (seen: Seen | undefined) => void {
  const { stdout, clock, colors } = context;
  const terminal = sized(stdout);
  const update = createLogUpdate(terminal as NodeJS.WriteStream);
  let drawn: { readonly block: string; readonly columns: number } | undefined;
  return (seen) => {
    if (seen === undefined) return update.done();
    const { columns, rows } = terminal;
    // A terminal of another width broke the old block anew: it goes away as a whole, by its height as it is now.
    if (drawn && drawn.columns !== columns) {
      stdout.write(`\x1b[${rowsOf(drawn.block, columns)}F\x1b[0J`);
      update.done();
    }
    const block =
      typeof seen === 'string'
        ? colors.yellow(`No answer (${seen}). It is tried again; Ctrl+C ends this.`)
        : watchBlock(context, seen, { nowMs: clock.nowMs(), columns, rows: rows - 1 });
    drawn = { block, columns };
    update(block);
  };
}

/** A terminal that does not know its size, as of `docker exec -t` or a serial console, says that it is 0. */
function sized(stdout: Output) {
  return {
    isTTY: true,
    write: (text: string) => stdout.write(text),
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
  };
}
