import { Command, CommanderError } from 'commander';
import pico from 'picocolors';
import type { Clock } from '../shared/clock/clock.ts';
import { DEFAULT_LOCAL_PORT } from '../shared/config/local-target.ts';
import { ENVIRONMENTS } from '../shared/config/names.ts';
import { VERSION } from '../shared/config/version.ts';
import type { AskAws } from './account/ask-aws.ts';
import { addAgentCommand } from './commands/agent.ts';
import { addAppCommands } from './commands/app.ts';
import { addApplyCommands } from './commands/apply.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addConsoleCommand } from './commands/console.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addLifecycleCommands } from './commands/lifecycle.ts';
import { addLoginCommand } from './commands/login.ts';
import { addProviderCommands } from './commands/provider.ts';
import { addProvidersCommand } from './commands/providers.ts';
import { addRecoveryCommands } from './commands/recovery.ts';
import { addRefreshCommand } from './commands/refresh.ts';
import { addRegisterCommand } from './commands/register.ts';
import { addStatusCommands } from './commands/status.ts';
import { addTokenCommand } from './commands/token.ts';
import { addUpdateCommands } from './commands/update.ts';
import { addWatchCommand } from './commands/watch.ts';
import type { Bind, BindAlone, CommandContext, Input, Invoke, Output, Prompts } from './context.ts';
import { CommandFailure, UsageError } from './errors.ts';
import { printable } from './format/printable.ts';
import { withHelpOption } from './help-words.ts';
import { oneOf, wholeNumber } from './option-values.ts';
import { refuseSecretArguments } from './secrets/secret-arguments.ts';
import { type Target, type TargetOptions, targetOf } from './target.ts';
import { usageSentence } from './usage-sentence.ts';

/** The world around one run of the program. */
interface Surroundings {
  readonly clock: Clock;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly prompts: Prompts;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Opens a page in the person's browser, if there is one. */
  browse(href: string): void;
  /** Resolves when somebody asks the program to end (Ctrl-C, SIGTERM). */
  untilStopped(): Promise<void>;
  connect(target: Target): Connection;
}

/** What leads to one target. */
interface Connection {
  readonly invoke: Invoke;
  readonly askAws: AskAws;
  close(): void;
}

/** Exit codes: done, failed, wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Runs one command line (without the program's own name). Never rejects: what went wrong is a sentence on stderr. */
export async function run(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  const forMachines = argv.includes('--json');
  const helped: string[] = [];
  let isPrinted = false;
  const stdout: Output = {
    isTTY: around.stdout.isTTY,
    // As they are when they are asked for: a terminal changes its size.
    get columns() {
      return around.stdout.columns;
    },
    get rows() {
      return around.stdout.rows;
    },
    write: (text) => {
      isPrinted = true;
      return around.stdout.write(text);
    },
  };
  try {
    refuseSecretArguments(argv);
    const program = programOf({ ...around, stdout }, (text) => helped.push(text));
    await program.parseAsync([...withHelpOption(argv, program)], { from: 'user' });
    return 0;
  } catch (error) {
    const failed = failureOf(error);
    if (!failed) {
      // Commander ends so after help and the version, which it writes in pieces.
      around.stdout.write(forMachines ? helpDocument(helped.join('')) : helped.join(''));
      return 0;
    }
    around.stderr.write(failed.text);
    // For machines there is one document, whatever happens: the answer of a function, or this.
    if (forMachines && !isPrinted) around.stdout.write(`${JSON.stringify({ error: failed.error })}\n`);
    return failed.exitCode;
  }
}

function programOf(around: Surroundings, writeHelp: (text: string) => void): Command {
  const program = new Command('renova')
    .description('Keeps OAuth 2 tokens alive for cloud workloads.')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: writeHelp,
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
      const target = targetOf(program.opts<TargetOptions>(), around.environment);
      const connection = around.connect(target);
      const context: CommandContext = {
        ...around,
        invoke: connection.invoke,
        askAws: connection.askAws,
        target,
        json: isJson(program),
        colors: colorsOf(around),
      };
      await command(context, ...args).finally(() => connection.close());
    };
  const bindAlone: BindAlone =
    (command) =>
    async (...args) => {
      const { stdout } = around;
      await command({ stdout, json: isJson(program), colors: colorsOf(around) }, ...args);
    };
  for (const add of COMMANDS) add(program, bind);
  addProvidersCommand(program, bindAlone);
  addCompletionCommand(program, bindAlone);
  return program;
}

/** Help and the version, for machines. */
function helpDocument(text: string): string {
  const document = text === `${VERSION}\n` ? { version: VERSION } : { help: text };
  return `${JSON.stringify(document)}\n`;
}

function isJson(program: Command): boolean {
  return program.opts<{ json?: boolean }>().json === true;
}

function colorsOf({ stdout, environment }: Surroundings): CommandContext['colors'] {
  const { NO_COLOR, TERM } = environment;
  return pico.createColors(stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb');
}

const COMMANDS = [
  addRegisterCommand,
  addLoginCommand,
  addUpdateCommands,
  addStatusCommands,
  addAppCommands,
  addApplyCommands,
  addTokenCommand,
  addRefreshCommand,
  addLifecycleCommands,
  addRecoveryCommands,
  addProviderCommands,
  addDoctorCommand,
  addAgentCommand,
  addWatchCommand,
  addConsoleCommand,
];

/** How a command line ended that was not done, for people and for machines. */
interface Failed {
  readonly exitCode: Exclude<ExitCode, 0>;
  readonly text: string;
  readonly error: { readonly code: string; readonly message: string; readonly remedy?: string };
}

/** Undefined: what was thrown is how commander ends after `--help`. */
function failureOf(error: unknown): Failed | undefined {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? undefined : wrongUsage(usageSentence(error));
  }
  if (error instanceof UsageError) return wrongUsage(error.message);
  if (error instanceof CommandFailure) {
    const [message, remedy] = [oneLine(error.message), error.remedy && oneLine(error.remedy)];
    const text = `renova: ${message}\n${remedy ? `${remedy}\n` : ''}`;
    return { exitCode: 1, text, error: { code: error.code, message, ...(remedy && { remedy }) } };
  }
  // A defect. Its message may hold anything, a secret too; its kind does not.
  const kind = error instanceof Error ? error.name : 'error';
  const message = `unexpected ${kind}; this is a defect of renova`;
  return { exitCode: 1, text: `renova: ${message}\n`, error: { code: 'defect', message } };
}

function wrongUsage(message: string): Failed {
  return { exitCode: 2, text: `renova: ${message}\n`, error: { code: 'usage', message } };
}

function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ');
}
