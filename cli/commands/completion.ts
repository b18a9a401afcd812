import { Argument, type Command } from 'commander';
import type { BindAlone, TerminalContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { completionScript, SHELLS, type Shell } from '../format/completion.ts';

/** Adds `completion <shell>`, which needs no environment. Added last: it knows every command that was added before. */
export function addCompletionCommand(program: Command, bindAlone: BindAlone): void {
  program
    .command('completion')
    .description('print what lets a shell complete commands and options')
    .addArgument(new Argument('<shell>', SHELLS.join(', ')).argParser(shellOf))
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx renova completion bash >> ~/.bash_completion\n  $ npx renova completion zsh > ~/.zfunc/_renova\n  $ npx renova completion fish > ~/.config/fish/completions/renova.fish\n\nIt completes "renova", as it is called where it is installed globally or by an alias: alias renova="npx renova".',
    )
    .action(
      bindAlone(async ({ stdout }: TerminalContext, shell: Shell) => {
        stdout.write(completionScript(program, shell));
      }),
    );
}

function shellOf(text: string): Shell {
  const shell = SHELLS.find((name) => name === text);
  if (shell) return shell;
  throw new UsageError(`the shell must be one of ${SHELLS.join(', ')}`);
}
