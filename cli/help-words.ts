import type { Command } from 'commander';
import { UsageError } from './errors.ts';

/**
 * A line that asks for help, so that commander gives it for the command that is meant: `help app put` is
 * `app put --help`. Every other line stays as it is. Throws a {@link UsageError} when help is asked for a command that
 * there is not: commander would show the help of the one above it.
 */
export function withHelpOption(argv: readonly string[], program: Command): readonly string[] {
  let command = program;
  const hasOption = argv.includes('--help') || argv.includes('-h');
  let isAsked = false;
  const path: string[] = [];
  let after = 0;
  for (const word of argv) {
    if (word.startsWith('-') || command.commands.length === 0) break;
    after += 1;
    if (word === 'help') {
      isAsked = true;
      continue;
    }
    const next = command.commands.find((each) => each.name() === word);
    if (!next) {
      if (!isAsked && !hasOption) break;
      throw new UsageError(`unknown command ${shown([...path, word])}(see renova --help)`);
    }
    command = next;
    path.push(word);
  }
  return isAsked ? [...path, '--help', ...argv.slice(after)] : argv;
}

/** Only plain names are repeated: what is typed may be a secret. */
function shown(words: readonly string[]): string {
  return words.every((word) => /^[a-z-]{1,20}$/.test(word)) ? `${words.join(' ')} ` : '';
}
