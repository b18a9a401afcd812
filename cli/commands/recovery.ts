import { Argument, type Command } from 'commander';
import { askAdmin } from '../ask.ts';
import { confirm } from '../confirm.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { details } from '../format/details.ts';
import { printable } from '../format/printable.ts';
import { remedyOf } from '../format/remedy.ts';
import { credentialId } from '../option-values.ts';
import type { ConfirmedOptions } from './lifecycle.ts';

/** Adds `recover [<id>]`, `rescue <id>` and `rotate-seal`. */
export function addRecoveryCommands(program: Command, bind: Bind): void {
  program
    .command('recover')
    .description('adopt newer pairs from the vault, after a restore of the ledger')
    .addArgument(new Argument('[id]', 'which credential; all without it').argParser(credentialId))
    .addHelpText('after', '\nExample:\n  $ npx renova recover --env prd')
    .action(bind(recover));
  program
    .command('rescue')
    .description("show a provider's answer that could not be understood (it may hold live tokens)")
    .addArgument(new Argument('<id>', 'which credential').argParser(credentialId))
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ npx renova rescue acme --env prd')
    .action(bind(rescue));
  program
    .command('rotate-seal')
    .description('seal every token anew under new keys, and drop the old ones')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ npx renova rotate-seal --env prd')
    .action(bind(rotateSeal));
}

/** Adopts every newer sealed pair that the vault holds. */
async function recover(context: CommandContext, id: string | undefined): Promise<void> {
  const request = { action: 'recover', ...(id !== undefined && { credential: id }) };
  await askAdmin(context, request, (answer) => details(answer, context.clock.nowMs()));
}

/** Prints an unreadable answer, after its id was typed again or `--yes` was given. */
async function rescue(context: CommandContext, id: string, { yes }: ConfirmedOptions): Promise<void> {
  if (!yes) {
    await confirm(context, id, `This prints what the provider answered for ${id}: it may hold live tokens.`);
  }
  const request = { action: 'rescue', credential: id };
  await askAdmin(context, request, ({ remedy, command, ...answer }) => {
    const next = remedyOf({ remedy, command }, context.target);
    return details(answer, context.clock.nowMs()) + (next === undefined ? '' : `\n${printable(next)}\n`);
  });
}

/** Rotates both seal keys, after the environment's name was typed or `--yes` was given. */
async function rotateSeal(context: CommandContext, { yes }: ConfirmedOptions): Promise<void> {
  const { env } = context.target;
  if (!yes)
    await confirm(
      context,
      env,
      `This seals every token of ${env} anew; old keys that nothing needs are lost.`,
    );
  await askAdmin(context, { action: 'rotate-seal' }, ({ resealed, rings }) => {
    const keys = Object.entries((rings ?? {}) as JsonObject).map(([ring, kids]) => ({
      ring,
      keys: Array.isArray(kids) ? kids.length : undefined,
    }));
    return details({ resealed, rings: keys }, context.clock.nowMs());
  });
}
