import type { Command } from 'commander';
import { profiles } from '../../shared/provider/profiles.ts';
import { askAdmin, checkFirst } from '../ask.ts';
import type { Bind, CommandContext } from '../context.ts';
import { details } from '../format/details.ts';
import { oneOf } from '../option-values.ts';
import { onWire, type Question, secretsFor, secretsOption } from '../secrets/secrets-input.ts';

interface NetworksOptions {
  readonly provider: string;
  readonly tokenUrl?: string;
  readonly secrets?: string;
}

/** Adds `networks` and `capacity`. */
export function addProviderCommands(program: Command, bind: Bind): void {
  const naming = [...profiles.values()].filter((one) => one.namesNetworks).map((one) => one.provider);
  program
    .command('networks')
    .description('the networks that a BSN user may log in to')
    .addOption(oneOf('--provider <name>', 'whose user it is', naming).default('bsn'))
    .option('--token-url <url>', "the provider's token endpoint")
    .addOption(secretsOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova networks --token-url https://bsn.example/token --env prd\n' +
        '\nSecrets as JSON: {"client": {"username": "…", "password": "…"}}',
    )
    .action(bind(networks));
  program
    .command('capacity')
    .description('how much of each quota is needed, and how many more credentials it can keep fresh')
    .addHelpText('after', '\nExample:\n  $ npx renova capacity --env prd')
    .action(bind(capacity));
}

/** Logs a user in once, to say which networks there are to register with. */
async function networks(context: CommandContext, options: NetworksOptions): Promise<void> {
  const request = {
    action: 'networks',
    provider: options.provider,
    ...(options.tokenUrl !== undefined && { token_url: options.tokenUrl }),
  };
  const questions = async (): Promise<readonly Question[]> => {
    await checkFirst(context, request);
    return [{ member: 'username' }, { member: 'password' }];
  };
  const secrets = await secretsFor(context, options.secrets, questions, 'login');
  await askAdmin(context, { ...request, ...onWire(secrets) }, (answer) =>
    details(answer, context.clock.nowMs()),
  );
}

/** Prints the arithmetic of the quotas. */
async function capacity(context: CommandContext): Promise<void> {
  await askAdmin(context, { action: 'capacity' }, (answer) => details(answer, context.clock.nowMs()));
}
