import { Argument, type Command } from 'commander';
import type { CommandName } from '../../shared/failure/command.ts';
import { ask } from '../ask.ts';
import type { Bind, CommandContext } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import { typedAt } from '../format/remedy.ts';
import { credentialId, wholeNumber } from '../option-values.ts';
import { commandLine } from '../target.ts';

interface TokenOptions {
  readonly minTtl?: number;
}

/** Adds `token <id>`. */
export function addTokenCommand(program: Command, bind: Bind): void {
  program
    .command('token')
    .description('print the current access token, and nothing else')
    .addArgument(new Argument('<id>', 'which credential').argParser(credentialId))
    .addOption(wholeNumber('--min-ttl <seconds>', 'how long it must still be valid', { least: 0 }))
    .addHelpText(
      'after',
      "\nExample:\n  $ npx renova token acme --env prd | sed 's/^/Authorization: Bearer /' | curl -H @- https://api.bs2.com/…",
    )
    .action(bind(token));
}

/** Prints the access token: the one place where a token is what was asked for. */
async function token(context: CommandContext, id: string, { minTtl }: TokenOptions): Promise<void> {
  const request = { credential: id, ...(minTtl !== undefined && { min_ttl: minTtl }) };
  const { access_token: accessToken } = await ask(context, 'read', request).catch((error: unknown) => {
    throw error instanceof CommandFailure ? asTyped(error, id, context) : error;
  });
  if (typeof accessToken !== 'string') {
    throw new CommandFailure('unreadable-answer', 'the read function answered without an access token');
  }
  // RFC 6749, appendix A.12: no header can carry another, and a terminal might obey it.
  if (!/^[\x20-\x7e]*$/.test(accessToken)) {
    throw new CommandFailure(
      'unprintable-token',
      `the access token of ${id} has characters that no HTTP header can carry`,
      `See: ${commandLine(context.target, `status ${id}`)}`,
    );
  }
  if (!context.json) context.stdout.write(`${accessToken}\n`);
}

/** What the read function says ends with a command, where there is one: as it is typed here. */
function asTyped(failure: CommandFailure, id: string, { target }: CommandContext): CommandFailure {
  const name = COMMANDS[failure.code];
  return new CommandFailure(
    failure.code,
    typedAt(failure.message, name && { name, id }, target),
    failure.remedy,
  );
}

const COMMANDS: Readonly<Record<string, CommandName>> = {
  'credential-lapsed': 'reseed',
  'credential-paused': 'resume',
};
