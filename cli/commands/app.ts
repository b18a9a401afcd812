import { Argument, type Command } from 'commander';
import { ask, askAdmin, checkFirst } from '../ask.ts';
import { confirm } from '../confirm.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { UsageError } from '../errors.ts';
import { moment } from '../format/duration.ts';
import { stepLines } from '../format/outcome.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { appName } from '../option-values.ts';
import { itsEnd } from '../secrets/questions.ts';
import { onWire, secretsFor, secretsOption } from '../secrets/secrets-input.ts';
import { pair, repeated } from '../settings-options.ts';
import { commandLine } from '../target.ts';
import type { ConfirmedOptions } from './lifecycle.ts';

interface PutOptions {
  readonly secrets?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Adds `app put|list|remove <name>`. */
export function addAppCommands(program: Command, bind: Bind): void {
  const app = program.command('app').description('clients that are kept once and used by many credentials');
  const name = () => new Argument('<name>', 'which app').argParser(appName);
  app
    .command('put')
    .description('keep the client of an app, or change it for every credential that uses it')
    .addArgument(name())
    .addOption(repeated('--tags <name=value>', 'a name to find it by, on its secret too (repeatable)', pair))
    .addOption(secretsOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova app put erp --env prd\n\nSecrets as JSON: {"client": {"client_id": "…", "client_secret": "…"}}',
    )
    .action(bind(put));
  app
    .command('list')
    .description('every app')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova app list --env prd\n\nThe credentials that use one:\n  $ npx renova list --app erp --env prd',
    )
    .action(bind(list));
  app
    .command('remove')
    .description('remove an app that no credential uses')
    .addArgument(name())
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ npx renova app remove erp --env prd')
    .action(bind(remove));
}

/** Stores a whole client, or the members that are given of one that is there. */
async function put(context: CommandContext, name: string, options: PutOptions): Promise<void> {
  const { tags } = options;
  const secrets =
    options.secrets === undefined && tags && !context.stdin.isTTY
      ? {}
      : await secretsFor(context, options.secrets, () => questions(context, name), 'client');
  if (secrets.refresh_token || secrets.access_token) {
    throw new UsageError('an app has no tokens: its credentials have them (register --app)');
  }
  const request = { action: 'app-put', app: name, ...onWire(secrets), ...(tags && { tags }) };
  await askAdmin(context, request, (answer) => `${stepLines(context, answer)}${usedBy(answer)}\n`);
}

/** Of an app that is there, what is left empty stays as it is. */
async function questions(context: CommandContext, name: string) {
  const { apps } = await ask({ ...context, json: false }, 'admin', { action: 'app-list' });
  const known = Array.isArray(apps) ? apps.find((app) => app?.app === name) : undefined;
  return [
    { member: 'client_id', optional: known !== undefined },
    { member: 'client_secret' },
    ...itsEnd(known?.client_expires_at),
  ] as const;
}

async function list(context: CommandContext): Promise<void> {
  await askAdmin(context, { action: 'app-list' }, (answer) => appTable(context, answer));
}

function appTable({ clock, target }: CommandContext, { apps }: JsonObject): string {
  const rows = (Array.isArray(apps) ? apps : []) as readonly JsonObject[];
  if (rows.length === 0) return 'No app is kept.\n';
  const time = (value: unknown) => (typeof value === 'string' ? moment(value, clock.nowMs()) : '-');
  const cells = rows.map((row) => [
    printable(String(row.app)),
    printable(time(row.client_expires_at)),
    printable(time(row.changed_at)),
  ]);
  const users = `The credentials that use one: ${commandLine(target, 'list --app <name>')}\n`;
  return `${table(['app', 'client secret ends', 'changed'], cells)}\n${users}`;
}

async function remove(context: CommandContext, name: string, options: ConfirmedOptions): Promise<void> {
  const consequence = `This removes the client of ${name} from ${context.target.env}.`;
  const request = { action: 'app-remove', app: name };
  if (!options.yes) await confirm(context, name, consequence, () => checkFirst(context, request));
  await askAdmin(context, request, () => `The app ${name} is removed.\n`);
}

function usedBy({ app, credentials }: JsonObject): string {
  const users = credentials === 1 ? '1 credential uses' : `${credentials} credentials use`;
  return printable(`The client of ${app} is kept; ${users} it.`);
}
