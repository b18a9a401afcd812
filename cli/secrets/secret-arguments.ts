import { isSecretName } from '../../shared/secret/secret-names.ts';
import { UsageError } from '../errors.ts';

/**
 * Refuses a command line that tries to give a secret: arguments are seen by every process of the machine and
 * stay in the shell's history. Throws a {@link UsageError} that says how to give it.
 */
export function refuseSecretArguments(argv: readonly string[]): void {
  for (const argument of argv) {
    const name = /^--?([^=]+)/.exec(argument)?.[1];
    if (name === undefined || !isSecretName(name)) continue;
    throw new UsageError(
      'a secret is never taken from an argument: leave it out to be asked for it, ' +
        'or give it as JSON on standard input with --secrets - (and replace the one that is now in your shell history)',
    );
  }
}
