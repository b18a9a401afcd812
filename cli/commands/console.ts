import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { startConsole } from '../console/console-server.ts';
import type { Bind, CommandContext } from '../context.ts';
import { wholeNumber } from '../option-values.ts';

interface ConsoleOptions {
  readonly port?: number;
}

/** A look at AWS costs two invocations; the local stack costs nothing. */
const LOOK_AGAIN = { localMs: 1500, awsMs: 5000 } as const;

/** Adds `console`. */
export function addConsoleCommand(program: Command, bind: Bind): void {
  program
    .command('console')
    .description('a page on this machine that shows every credential, live')
    .addOption(wholeNumber('--port <port>', 'where to serve it (otherwise a free port)', { most: 65_535 }))
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova console --env prd\n\nThe address that it prints holds a key: only who has it can open the page. It ends with Ctrl+C.',
    )
    .action(bind(serveConsole));
}

/** Serves the page until it is told to end. */
async function serveConsole(context: CommandContext, { port = 0 }: ConsoleOptions): Promise<void> {
  const { clock, invoke, target, stdout, json } = context;
  const parts = {
    target,
    invoke,
    nowMs: () => clock.nowMs(),
    token: randomBytes(24).toString('base64url'),
    againAfterMs: target.localEndpoint === undefined ? LOOK_AGAIN.awsMs : LOOK_AGAIN.localMs,
  };
  // Whoever may not look is told so here, and not by an empty page.
  await invoke('admin', { action: 'capacity' });
  const running = await startConsole(parts, port);
  stdout.write(
    json
      ? `${JSON.stringify({ url: running.url })}\n`
      : `The console of ${target.env} is at\n\n  ${running.url}\n\nOnly this address opens it. Ctrl+C ends it.\n`,
  );
  await context.untilStopped();
  await running.close();
  if (!json) stdout.write('The console is closed.\n');
}
