import { Argument, type Command, Option } from 'commander';
import { askAdmin } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { UsageError } from '../errors.ts';
import { words } from '../format/details.ts';
import { summariesOf, summaryOf } from '../format/summary.ts';
import { summaryPage, summaryTable } from '../format/summary-views.ts';
import { appName, credentialId } from '../option-values.ts';

type Tags = Readonly<Record<string, string>>;

interface ListOptions {
  readonly tag?: Tags;
  readonly app?: string;
}

function tagOf(text: string, before: Tags = {}): Tags {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError('--tag takes name=value');
  return { ...before, [name]: value };
}

/** Adds `list` and `status [<id>]`. */
export function addStatusCommands(program: Command, bind: Bind): void {
  program
    .command('list')
    .description('every credential, one line each')
    .addOption(
      new Option('--tag <name=value>', 'only those with this tag (repeatable: with all of them)').argParser(
        tagOf,
      ),
    )
    .addOption(new Option('--app <name>', 'only those that use this app').argParser(appName))
    .addHelpText('after', '\nExample:\n  $ npx renova list --tag owner=collections --env prd')
    .action(bind(list));

  program
    .command('status')
    .description('how one credential is and what fixes it, or how many are well')
    .addArgument(new Argument('[id]', 'which credential').argParser(credentialId))
    .addHelpText('after', '\nExample:\n  $ npx renova status acme --env prd')
    .action(bind(status));
}

/** Prints the table of all credentials. */
async function list(context: CommandContext, { tag, app }: ListOptions): Promise<void> {
  const request = { action: 'list', ...(tag && { tags: tag }), ...(app && { app }) };
  const none = tag || app ? 'No credential is like that: renova list shows all of them.' : undefined;
  await askAdmin(context, request, (answer) => summaryTable(context, summariesOf(answer), none));
}

/** Prints one credential's page, or the table with its counts. */
async function status(context: CommandContext, id: string | undefined): Promise<void> {
  if (id === undefined) {
    await askAdmin(context, { action: 'status' }, (answer) => overview(context, answer));
    return;
  }
  const request = { action: 'status', credential: id };
  await askAdmin(context, request, (answer) => summaryPage(context, summaryOf(answer)));
}

function overview(context: CommandContext, answer: JsonObject): string {
  const counts = Object.entries((answer.counts ?? {}) as JsonObject);
  const line = counts.map(([what, count]) => `${words(what)} ${String(count)}`).join(', ');
  return `${line === '' ? '' : `${line}\n\n`}${summaryTable(context, summariesOf(answer))}`;
}
