import type { CommanderError } from 'commander';

/**
 * Commander's error as a sentence that cannot hold a secret. Commander quotes what it does not know
 * (`--client-secrets=…`, a token where a command should be); of that only a plain name is repeated.
 */
export function usageSentence(error: CommanderError): string {
  const suggestion = /\(Did you mean [a-z -]+\?\)$/.exec(error.message)?.[0];
  const hint = suggestion ?? '(see renova --help)';
  switch (error.code) {
    case 'commander.help':
      return 'say which command (see renova --help)';
    case 'commander.unknownOption':
      return `unknown option ${plain(/'(--?[a-zA-Z][a-zA-Z-]{0,30})['=]/, error.message)}${hint}`;
    case 'commander.unknownCommand':
      return `unknown command ${plain(/'([a-z-]{1,20})'/, error.message)}${hint}`;
    default:
      return error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  }
}

function plain(pattern: RegExp, message: string): string {
  const name = pattern.exec(message)?.[1];
  return name === undefined ? '' : `${name} `;
}
