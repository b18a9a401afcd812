import { systemClock } from '../shared/clock/system-clock.ts';
import { lambdaInvoke } from './invoke/lambda-invoke.ts';
import { run } from './program.ts';
import { terminalPrompts } from './secrets/terminal-prompts.ts';

// A reader that goes away (`renova list | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  clock: systemClock,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  prompts: terminalPrompts,
  environment: process.env,
  untilStopped: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    }),
  connect: lambdaInvoke,
});
