import { Command, CommanderError } from 'commander';
import pico from 'picocolors';
import type { Clock } from '../shared/clock/clock.ts';
import { ENVIRONMENTS } from '../shared/config/names.ts';
import { VERSION } from '../shared/config/version.ts';
import { addAgentCommand } from './commands/agent.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addLifecycleCommands } from './commands/lifecycle.ts';
import { addProviderCommands } from './commands/provider.ts';
import { addRecoveryCommands } from './commands/recovery.ts';
import { addRefreshCommand } from './commands/refresh.ts';
import { addRegisterCommand } from './commands/register.ts';
import { addStatusCommands } from './commands/status.ts';
import { addTokenCommand } from './commands/token.ts';
import { addUpdateCommands } from './commands/update.ts';
import type { Bind, CommandContext, Input, Invoke, Output, Prompts } from './context.ts';
import { CommandFailure, UsageError } from './errors.ts';
import { printable } from './format/printable.ts';
import { oneOf, wholeNumber } from './option-values.ts';
import { refuseSecretArguments } from './secrets/secret-arguments.ts';
import { DEFAULT_LOCAL_PORT, type Target, type TargetOptions, targetOf } from './target.ts';
import { usageSentence } from './usage-sentence.ts';

/** The world around one run of the program. */
interface Surroundings {
  readonly clock: Clock;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly prompts: Prompts;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves when somebody asks the program to end (Ctrl-C, SIGTERM). */
  untilStopped(): Promise<void>;
  connect(target: Target): { readonly invoke: Invoke; close(): void };
}

/** Exit codes: done, failed, wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Runs one command line (without the program's own name). Never rejects: what went wrong is a sentence on stderr. */
export async function run(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  try {
    refuseSecretArguments(argv);
    await programOf(around).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, around.stderr);
  }
}

function programOf(around: Surroundings): Command {
  const program = new Command('renova')
    .description('Keeps OAuth 2 tokens alive for cloud workloads.')
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => around.stdout.write(text),
      // Errors are reported in one place, and in one sentence.
      writeErr: () => undefined,
    })
    .configureHelp({ showGlobalOptions: true })
    .addOption(oneOf('--env <env>', 'which environment (or RENOVA_ENV)', ENVIRONMENTS))
    .option('--local', 'the local stack (npm start) instead of AWS')
    .addOption(
      wholeNumber('--local-port <port>', `its AWS endpoint, if not ${DEFAULT_LOCAL_PORT}`, { most: 65_535 }),
    )
    .option('--json', "print the function's JSON, on one line")
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova list --local\n\nExit codes: 0 done, 1 failed, 2 wrong usage.',
    );
  const bind: Bind =
    (command) =>
    async (...args) => {
      const options = program.opts<TargetOptions & { json?: boolean }>();
      const target = targetOf(options, around.environment);
      const connection = around.connect(target);
      const context: CommandContext = {
        ...around,
        invoke: connection.invoke,
        target,
        json: options.json === true,
        colors: pico.createColors(around.stdout.isTTY === true && !around.environment.NO_COLOR),
      };
      await command(context, ...args).finally(() => connection.close());
    };
  for (const add of COMMANDS) add(program, bind);
  return program;
}

const COMMANDS = [
  addRegisterCommand,
  addUpdateCommands,
  addStatusCommands,
  addTokenCommand,
  addRefreshCommand,
  addLifecycleCommands,
  addRecoveryCommands,
  addProviderCommands,
  addDoctorCommand,
  addAgentCommand,
];

function report(error: unknown, stderr: Output): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    stderr.write(`renova: ${usageSentence(error)}\n`);
    return 2;
  }
  if (error instanceof UsageError) {
    stderr.write(`renova: ${error.message}\n`);
    return 2;
  }
  if (error instanceof CommandFailure) {
    const remedy = error.remedy === undefined ? '' : `${oneLine(error.remedy)}\n`;
    stderr.write(`renova: ${oneLine(error.message)}\n${remedy}`);
    return 1;
  }
  // A defect. Its message may hold anything, a secret too; its kind does not.
  stderr.write(
    `renova: unexpected ${error instanceof Error ? error.name : 'error'}; this is a defect of renova\n`,
  );
  return 1;
}

function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ');
}
