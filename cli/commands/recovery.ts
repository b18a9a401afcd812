import { Argument, type Command } from 'commander';
import { askAdmin, checkFirst } from '../ask.ts';
import { confirm } from '../confirm.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { UsageError } from '../errors.ts';
import { details } from '../format/details.ts';
import { outcome } from '../format/outcome.ts';
import { printable } from '../format/printable.ts';
import { remedyOf } from '../format/remedy.ts';
import { credentialId } from '../option-values.ts';
import { INSIST } from '../settings-options.ts';
import type { ConfirmedOptions } from './lifecycle.ts';
import { rejectFailedSteps } from './register.ts';
import { wasTakenBack } from './update.ts';

interface RescueOptions extends ConfirmedOptions {
  readonly adopt?: boolean;
  readonly refreshTokenAt?: string;
  readonly force?: boolean;
}

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
    .description(
      "show a provider's answer that could not be understood (it may hold live tokens), or adopt it",
    )
    .addArgument(new Argument('<id>', 'which credential').argParser(credentialId))
    .option('--adopt', 'take over the refresh token in it; nothing of it is shown')
    .option('--refresh-token-at <place>', 'where that lies: data.tokens.refresh, or a JSON Pointer')
    .option(...INSIST)
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova rescue acme --env prd\n' +
        '  $ npx renova rescue acme --adopt --refresh-token-at data.tokens.refresh --env prd\n' +
        '\n--adopt alone names the places at which a token may lie. What is no JSON and no form: see it, and give the refresh token to reseed.',
    )
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

/** Adopts an unreadable answer; or prints it, after the credential's id was typed again or `--yes` was given. */
async function rescue(context: CommandContext, id: string, options: RescueOptions): Promise<void> {
  const { yes, adopt, refreshTokenAt, force } = options;
  if (adopt) return adoptAnswer(context, id, { refresh_token_at: refreshTokenAt, force });
  if (refreshTokenAt !== undefined) throw new UsageError('--refresh-token-at goes with --adopt');
  const consequence = `This prints what the provider answered for ${id}: it may hold live tokens.`;
  const request = { action: 'rescue', credential: id };
  if (!yes) await confirm(context, id, consequence, () => checkFirst(context, request));
  await askAdmin(context, request, ({ remedy, command, ...answer }) => {
    const next = remedyOf({ remedy, command }, context.target);
    return details(answer, context.clock.nowMs()) + (next === undefined ? '' : `\n${printable(next)}\n`);
  });
}

/** Takes over the refresh token that lies in an unreadable answer. */
async function adoptAnswer(context: CommandContext, id: string, given: JsonObject): Promise<void> {
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  const request = { action: 'rescue', credential: id, adopt: true, ...Object.fromEntries(members) };
  const answer = await askAdmin(context, request, (shown) =>
    outcome(context, shown, wasTakenBack(shown) ? 'keeps its chain' : 'has a new chain'),
  );
  rejectFailedSteps(context, answer, id);
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
  const goesOn = ({ resealed }: JsonObject) =>
    `${printable(String(resealed))} credentials are sealed anew, going on …\n`;
  await askAdmin(context, { action: 'rotate-seal' }, (answer) => rotated(context, answer), goesOn);
}

function rotated(context: CommandContext, { resealed, rings, unopened }: JsonObject): string {
  const keys = Object.entries((rings ?? {}) as JsonObject).map(([ring, kids]) => ({
    ring,
    keys: Array.isArray(kids) ? kids.length : undefined,
  }));
  return `${details({ resealed, unopened, rings: keys }, context.clock.nowMs())}\n${ROTATED}\n`;
}

/** A backup can be opened for one rotation. */
const ROTATED =
  'Done: every token is sealed under the new keys. Take a new backup of the ledger now; one from before the last rotation can no longer be opened.';
