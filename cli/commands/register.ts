import { Argument, type Command } from 'commander';
import { profiles, USUAL_PROVIDER } from '../../shared/provider/profiles.ts';
import { GRANTS } from '../../shared/token-endpoint/grant.ts';
import { askAdmin, checkFirst } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { CommandFailure, UsageError } from '../errors.ts';
import { outcome, stepsOf } from '../format/outcome.ts';
import { credentialId, oneOf } from '../option-values.ts';
import { assertTypable, questionsToRegister } from '../secrets/questions.ts';
import { onWire, secretsFor, secretsOption, withNetwork } from '../secrets/secrets-input.ts';
import {
  addSeedOptions,
  addSettingsOptions,
  type SeedOptions,
  type SettingsOptions,
  seedOnWire,
  settingsOnWire,
} from '../settings-options.ts';
import { commandLine } from '../target.ts';

interface RegisterOptions extends SettingsOptions, SeedOptions {
  readonly expiresAt?: string;
  readonly provider: string;
  readonly network?: string;
  readonly secrets?: string;
}

/** Adds `register <id>`. */
export function addRegisterCommand(program: Command, bind: Bind): void {
  const command = program
    .command('register')
    .description('register a credential and make its first refresh')
    .addArgument(new Argument('<id>', 'what to call it').argParser(credentialId))
    .addOption(oneOf('--provider <name>', 'whose token it is', [...profiles.keys()]).default(USUAL_PROVIDER))
    .addOption(oneOf('--grant <grant>', 'what keeps it alive', GRANTS));
  addSeedOptions(addSettingsOptions(command))
    .option('--expires-at <time>', 'when the access_token of --secrets ends: a living pair is taken over')
    .option('--network <name>', 'the network that its tokens work in (BSN.cloud, BSN)')
    .addOption(secretsOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova register acme --scope "charges.read charges.write" --env prd\n' +
        '\nAs JSON, for scripts:\n  $ secret-tool-of-yours | npx renova register acme --scope "…" --secrets - --env prd\n' +
        '  {"client": {"client_id": "…", "client_secret": "…"}, "refresh_token": "…"}\n' +
        'A login: {"client": {"client_id": "…", "client_secret": "…", "username": "…", "password": "…"}}',
    )
    .action(bind(register));
}

/** Registers a credential. Rejects with a `CommandFailure` also when it is registered but a step failed. */
async function register(context: CommandContext, id: string, options: RegisterOptions): Promise<void> {
  const settings = {
    action: 'register',
    credential: id,
    provider: options.provider,
    ...settingsOnWire(options),
    ...seedOnWire(options),
    ...(options.expiresAt !== undefined && { expires_at: options.expiresAt }),
  };
  const questions = questionsToRegister(options);
  const isNothingSecret = questions.length === 0 && options.secrets === undefined;
  const secrets = isNothingSecret
    ? {}
    : await secretsFor(context, options.secrets, async () => {
        assertTypable(options, context.target);
        assertNetworkGiven(options);
        await checkFirst(context, settings);
        return questions;
      });
  const request = { ...settings, ...onWire(withNetwork(secrets, options.network)) };
  const answer = await askAdmin(context, request, (shown) => outcome(context, shown, 'is registered'));
  rejectFailedSteps(context, answer, id);
}

/** Each new token of some providers chooses the network that it works in. Throws a {@link UsageError}. */
function assertNetworkGiven({ provider, grant, networkUrl, network }: RegisterOptions): void {
  const profile = profiles.get(provider);
  const logsIn = (grant ?? profile?.grants[0]) === 'client_credentials';
  if (!logsIn || network !== undefined || (networkUrl ?? profile?.networkUrl) === undefined) return;
  throw new UsageError(
    `--network is missing: each token of ${provider} chooses the network that it works in`,
  );
}

/** Throws a {@link CommandFailure} if a step of the answer was not done. */
export function rejectFailedSteps({ target }: CommandContext, answer: JsonObject, id: string): void {
  const failed = stepsOf(answer).filter((step) => !step.ok);
  if (failed.length === 0) return;
  const names = failed.map(({ step }) => step).join(', ');
  const look = `See: ${commandLine(target, `status ${id}`)}`;
  throw new CommandFailure('step-failed', `not everything was done (${names})`, look);
}
