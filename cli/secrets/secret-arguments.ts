import { UsageError } from '../errors.ts';

/** Member and option names that hold a secret, without case, dashes and underscores. */
const SECRET_NAMES = new Set([
  'accesstoken',
  'apisecret',
  'assertion',
  'clientassertion',
  'clientsecret',
  'pass',
  'passwd',
  'password',
  'refreshtoken',
  'secret',
  'token',
]);

/** True if something of this name holds a secret (`client_secret`, `--refresh-token`). */
export function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ''));
}

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
