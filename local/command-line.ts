import { type Command, CommanderError } from 'commander';

/** What a command line came to. */
export type CommandLine<Options> =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help'; readonly text: string }
  /** One sentence that names the option. */
  | { readonly kind: 'wrong-usage'; readonly message: string };

/** Parses `args` (without node and script); `options` reads what was parsed, or refuses it with {@link refuse}. */
export function readCommandLine<Options>(
  command: Command,
  args: readonly string[],
  options: () => Options,
): CommandLine<Options> {
  let text = '';
  command
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: (part) => {
        text += part;
      },
      writeErr: () => undefined,
    });
  try {
    command.parse(args, { from: 'user' });
    return { kind: 'run', options: options() };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'help', text };
    return { kind: 'wrong-usage', message: error.message.replace(/^error: /, '') };
  }
}

/** For options that do not go together: ends the parsing as wrong usage. */
export function refuse(message: string): never {
  throw new CommanderError(2, 'renova.usage', message);
}

/** Runs what was asked for; help goes to standard output, wrong usage to standard error with exit code 2. */
export async function runCommandLine<Options>(
  line: CommandLine<Options>,
  run: (options: Options) => Promise<void>,
): Promise<void> {
  if (line.kind === 'run') return run(line.options);
  if (line.kind === 'help') {
    process.stdout.write(line.text);
    return;
  }
  process.stderr.write(`${line.message}\n`);
  process.exitCode = 2;
}
