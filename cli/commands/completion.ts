import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash-script.ts';
import { type CompletedCommand, completedCommands } from '../completion/completed-commands.ts';
import { fishScript } from '../completion/fish-script.ts';
import { zshScript } from '../completion/zsh-script.ts';
import type { BindAlone, TerminalContext } from '../context.ts';
import { UsageError } from '../errors.ts';

const SCRIPTS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
const SHELLS = Object.keys(SCRIPTS);

/** Adds `completion <shell>`, which needs no environment. Added last: it knows every command that was added before. */
export function addCompletionCommand(program: Command, bindAlone: BindAlone): void {
  program
    .command('completion')
    .description('print what lets a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS).argParser(makerFor))
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx renova completion bash >> ~/.bash_completion\n  $ npx renova completion zsh > ~/.zfunc/_renova   # a folder of fpath, before compinit\n  $ npx renova completion fish > ~/.config/fish/completions/renova.fish\n\nIt completes the command "renova". Where that is not installed, make one: renova() { npx renova "$@"; }',
    )
    .action(
      bindAlone(async ({ stdout, json }: TerminalContext, make: (typeof SCRIPTS)[string]) => {
        const script = make(completedCommands(program));
        stdout.write(json ? `${JSON.stringify({ script })}\n` : script);
      }),
    );
}

function makerFor(shell: string): (typeof SCRIPTS)[string] {
  const make = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (make) return make;
  throw new UsageError(`the shell must be one of ${SHELLS.join(', ')}`);
}
