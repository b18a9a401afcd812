import { Argument, type Command } from 'commander';
import { askAdmin, statusFirst } from '../ask.ts';
import { confirm } from '../confirm.ts';
import type { Bind, CommandContext } from '../context.ts';
import { printable } from '../format/printable.ts';
import { remedyOf } from '../format/remedy.ts';
import { credentialId } from '../option-values.ts';
import { INSIST } from '../settings-options.ts';

export interface ConfirmedOptions {
  readonly yes?: boolean;
}

interface ForcedOptions {
  readonly force?: boolean;
}

/** Adds `pause <id>`, `resume <id>` and `remove <id>`. */
export function addLifecycleCommands(program: Command, bind: Bind): void {
  const id = () => new Argument('<id>', 'which credential').argParser(credentialId);
  program
    .command('pause')
    .description('stop refreshing a credential until it is resumed')
    .addArgument(id())
    .addHelpText('after', '\nExample:\n  $ npx renova pause acme --env prd')
    .action(bind(pause));
  program
    .command('resume')
    .description('refresh a paused credential again')
    .addArgument(id())
    .option(...INSIST)
    .addHelpText('after', '\nExample:\n  $ npx renova resume acme --env prd')
    .action(bind(resume));
  program
    .command('remove')
    .description('forget a credential and delete its secrets')
    .addArgument(id())
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ npx renova remove acme --env hml')
    .action(bind(remove));
}

/** Stops refreshing a credential. */
async function pause(context: CommandContext, id: string): Promise<void> {
  const request = { action: 'pause', credential: id };
  await askAdmin(context, request, () => `${id} is paused: its token is served until it expires.\n`);
}

/** Refreshes a paused credential again. */
async function resume(context: CommandContext, id: string, { force }: ForcedOptions): Promise<void> {
  const request = { action: 'resume', credential: id, ...(force && { force }) };
  await askAdmin(context, request, (answer) => {
    const next = remedyOf(answer, context.target);
    if (next === undefined) return `${id} is resumed.\n`;
    const ended = `${id} is resumed, but its refresh token has come to its end: it is tried once more.`;
    return `${ended}\n${printable(next)}\n`;
  });
}

/** Removes a credential, after its id was typed again or `--yes` was given. */
async function remove(context: CommandContext, id: string, { yes }: ConfirmedOptions): Promise<void> {
  const consequence = `This removes ${id} from ${context.target.env}, with its tokens.`;
  if (!yes) await confirm(context, id, consequence, () => statusFirst(context, id));
  await askAdmin(context, { action: 'remove', credential: id }, () => `${id} is removed.\n`);
}
