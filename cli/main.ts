import { systemClock } from '../shared/clock/system-clock.ts';
import { openBrowser } from './commands/login.ts';
import { lambdaInvoke } from './invoke/lambda-invoke.ts';
import { operatorName } from './invoke/operator-name.ts';
import { run } from './program.ts';
import { terminalPrompts } from './secrets/terminal-prompts.ts';
import { stopSignals } from './stop-signals.ts';

const stopping = stopSignals(process);
// A reader that goes away (`renova list | head -1`) is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') endWith(unwritable(code));
});

const ended = await run(process.argv.slice(2), {
  clock: systemClock,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  prompts: terminalPrompts,
  environment: process.env,
  browse: openBrowser,
  untilStopped: stopping.untilStopped,
  connect: (target) => lambdaInvoke(target, operatorName(process.env), process.env.AWS_ENDPOINT_URL),
}).catch((error: NodeJS.ErrnoException) => endWith(unwritable(error.code)));
process.exitCode = ended;

function endWith(sentence: string): never {
  process.stderr.write(`renova: ${sentence}\n`);
  process.exit(1);
}

/** What was done is done; only its words are lost. */
function unwritable(code: string | undefined): string {
  return `standard output cannot be written${code ? ` (${code})` : ''}: what was printed is not complete`;
}
