import { Argument, type Command, type Option } from 'commander';
import { CLEARABLE_SETTINGS } from '../../shared/admin/cleared-settings.ts';
import { askAdmin, checkFirst, statusFirst } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { UsageError } from '../errors.ts';
import { outcome, stepsOf } from '../format/outcome.ts';
import { summaryOf } from '../format/summary.ts';
import { nextTry } from '../format/summary-views.ts';
import { credentialId, oneOf } from '../option-values.ts';
import { questionsToReseed, questionsToUpdate, type Registered } from '../secrets/questions.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { onWire, type Question, secretsFor, secretsOption, withNetwork } from '../secrets/secrets-input.ts';
import {
  addSeedOptions,
  addSettingsOptions,
  INSIST,
  type SeedOptions,
  type SettingsOptions,
  seedOnWire,
  settingsOnWire,
} from '../settings-options.ts';
import { type Target, typedCommand } from '../target.ts';
import { rejectFailedSteps } from './register.ts';

interface UpdateOptions extends SettingsOptions {
  readonly clear?: readonly string[];
  readonly client?: boolean;
  readonly network?: string;
  readonly secrets?: string;
}

/** `--clear user_agent`: as if it had not been given. */
function cleared(): Option {
  const one = oneOf('--clear <setting>', 'take a setting back (repeatable)', CLEARABLE_SETTINGS);
  const { parseArg } = one;
  return one.argParser((text: string, before: readonly string[] = []) => [
    ...before,
    String(parseArg?.(text, undefined)),
  ]);
}

interface ReseedOptions extends SeedOptions {
  readonly force?: boolean;
  readonly secrets?: string;
}

/** Adds `update <id>` and `reseed <id>`. */
export function addUpdateCommands(program: Command, bind: Bind): void {
  const updateCommand = program
    .command('update')
    .description('change settings or the client secret of a credential')
    .addArgument(new Argument('<id>', 'which credential').argParser(credentialId))
    .option('--client', 'ask for a new client secret (or login)')
    .addOption(cleared());
  addSettingsOptions(updateCommand)
    .option('--no-app', 'leave the app, for a client of its own (with --client)')
    .option('--network <name>', 'the network that its tokens work in (BSN.cloud, BSN)')
    .addOption(secretsOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova update acme --client --mode on-demand --env prd\n\nSecrets as JSON: {"client": {"client_secret": "…"}}',
    )
    .action(bind(update));

  const reseedCommand = program
    .command('reseed')
    .description('start a new chain with a new refresh token (or login)')
    .addArgument(new Argument('<id>', 'which credential').argParser(credentialId));
  addSeedOptions(reseedCommand)
    .option(...INSIST)
    .addOption(secretsOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova reseed acme --env prd\n\nSecrets as JSON: {"refresh_token": "…"}',
    )
    .action(bind(reseed));
}

/** A credential that leaves its app has nothing yet of a client of its own. */
const ownClient = () => [{ member: 'client_id' }, { member: 'client_secret' }] as const;

/** Changes what is given, and nothing else. */
async function update(context: CommandContext, id: string, options: UpdateOptions): Promise<void> {
  const settings = settingsOnWire(options);
  const wantsSecrets = options.client === true || options.secrets !== undefined;
  const isIdle = !options.clear && Object.keys(settings).every((member) => member === 'force');
  if (isIdle && !wantsSecrets && options.network === undefined) {
    throw new UsageError('say what to change: a setting, or --client for the client secret');
  }
  const clear = options.clear && { clear: options.clear };
  const open = { action: 'update', credential: id, ...settings, ...clear };
  const questions = async () => {
    const asked = await forCredential(context, id, options.app === false ? ownClient : questionsToUpdate);
    if (!isIdle) await checkFirst(context, open);
    return asked;
  };
  const given: Secrets = wantsSecrets ? await secretsFor(context, options.secrets, questions, 'client') : {};
  if (given.refresh_token) throw new UsageError('a new refresh token starts a new chain: use reseed');
  const request = { ...open, ...onWire(withNetwork(given, options.network)) };
  const hasNewSecret = given.client_secret !== undefined;
  const answer = await askAdmin(context, request, (shown) => {
    const done = outcome(context, shown, 'is updated');
    return hasNewSecret ? done + firstUse(context, shown) : done;
  });
  rejectFailedSteps(context, answer, id);
}

/** When the provider sees a new client secret for the first time: until then nobody knows that it is mistyped. */
function firstUse({ clock, target }: CommandContext, answer: JsonObject): string {
  const summary = summaryOf(answer);
  const wasTried = stepsOf(answer).some(({ step }) => step === 'refresh');
  if (wasTried || summary.state !== 'active' || summary.mode !== 'fresh' || !summary.due_at) return '';
  const look = typedCommand(target, { name: 'status', id: summary.credential });
  return `The new client secret is first used ${nextTry(summary, clock.nowMs())}. To see then whether the provider takes it: ${look}\n`;
}

/** Starts a new chain. */
async function reseed(context: CommandContext, id: string, options: ReseedOptions): Promise<void> {
  const insists = options.force ? { force: true } : {};
  const open = { action: 'reseed', credential: id, ...seedOnWire(options), ...insists };
  const questions = async () => {
    const asked = await forCredential(context, id, questionsToReseed);
    await checkFirst(context, open);
    const needsToken = asked.some(({ member }) => member === 'refresh_token');
    if (needsToken) context.stderr.write(`${whereFrom(context)}\n`);
    return asked;
  };
  const secrets = await secretsFor(context, options.secrets, questions, 'chain');
  const request = { ...open, ...onWire(secrets) };
  const answer = await askAdmin(context, request, (shown) =>
    outcome(context, shown, wasTakenBack(shown) ? 'keeps its chain' : 'has a new chain'),
  );
  rejectFailedSteps(context, answer, id);
}

/** Where a person gets the refresh token that is asked for next. */
function whereFrom({ target }: CommandContext): string {
  return target.localEndpoint
    ? "The sandbox gives out refresh tokens: npm start prints the command, under 'Try'."
    : 'Log in at the provider for a new refresh token, and give it here.';
}

/** The new refresh token brought nothing: it is on the chain that it had (docs/adr/0021). */
export function wasTakenBack(answer: JsonObject): boolean {
  return answer.taken_back === true;
}

/** The right questions for a credential that exists: a person is not asked for what would then be refused. */
async function forCredential(
  context: CommandContext,
  id: string,
  questions: (registered: Registered, target: Target) => readonly Question[],
): Promise<readonly Question[]> {
  return questions(await statusFirst(context, id), context.target);
}
