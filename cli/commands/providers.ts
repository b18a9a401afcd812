import { Argument, type Command } from 'commander';
import type { KnownProvider } from '../../shared/provider/profile.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { lifeInWords, providerSheet } from '../../shared/provider/provider-sheet.ts';
import type { BindAlone, TerminalContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { table } from '../format/table.ts';

/** Adds `providers [<name>]`, which needs no environment: what is known of providers is part of the program. */
export function addProvidersCommand(program: Command, bindAlone: BindAlone): void {
  program
    .command('providers')
    .description('the providers that are known, or all that is known of one')
    .addArgument(new Argument('[name]', 'one of them').argParser(providerName))
    .addHelpText('after', '\nExamples:\n  $ npx renova providers\n  $ npx renova providers xero')
    .action(bindAlone(providers));
}

async function providers({ stdout, json }: TerminalContext, name: string | undefined): Promise<void> {
  const one = name === undefined ? undefined : profiles.get(name);
  if (json) stdout.write(`${JSON.stringify(one ?? { providers: [...profiles.values()] })}\n`);
  else stdout.write(one ? sheetOf(one) : listOf([...profiles.values()]));
}

function providerName(text: string): string {
  if (profiles.has(text)) return text;
  throw new UsageError(`the provider must be one of ${[...profiles.keys()].join(', ')}`);
}

function listOf(all: readonly KnownProvider[]): string {
  const rows = all.map(
    ({ provider, knowledge, grants, accessTokenSeconds, refreshTokenSeconds, tokenUrl }) => [
      provider,
      knowledge.title,
      grants.join(', '),
      lifeInWords(accessTokenSeconds.prd),
      refreshTokenSeconds === undefined ? '-' : lifeInWords(refreshTokenSeconds),
      tokenUrl ? 'known' : 'given by you',
      knowledge.tried,
    ],
  );
  const head = ['provider', 'who', 'grants', 'access token', 'refresh token', 'token URL', 'tried'];
  return `${table(head, rows)}\nAll that is known of one: npx renova providers <name>\n`;
}

/** Short values beside their names, sentences below. */
function sheetOf(profile: KnownProvider): string {
  const width = Math.max(...providerSheet(profile).map(([label]) => label.length)) + 2;
  return providerSheet(profile)
    .map(([label, value]) =>
      [value]
        .flat()
        .map((text, at) => `${(at === 0 ? label : '').padEnd(width)}${text}\n`)
        .join(''),
    )
    .join('');
}
