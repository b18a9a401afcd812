import { type Command, Option } from 'commander';
import { startAgent } from '../agent/agent.ts';
import { agentSources, type Via } from '../agent/agent-sources.ts';
import type { Bind, CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { credentialId, oneOf } from '../option-values.ts';

interface AgentCommandOptions {
  readonly credential: readonly string[];
  readonly via: Via;
  readonly url?: string;
  readonly listen: Address;
  readonly file?: ReadonlyMap<string, readonly string[]>;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_ADDRESS: Address = { host: '127.0.0.1', port: 2774 };

/** Adds `agent`. */
export function addAgentCommand(program: Command, bind: Bind): void {
  program
    .command('agent')
    .description('serve tokens to workloads on this machine, over HTTP and in files')
    .addOption(
      new Option('--credential <id>', 'a credential to serve; repeat it for more')
        .argParser((id: string, ids: readonly string[] = []) => [...ids, credentialId(id)])
        .makeOptionMandatory(),
    )
    .addOption(
      oneOf('--via <door>', 'where tokens are read', ['secrets-manager', 'read-api']).default(
        'secrets-manager',
      ),
    )
    .option('--url <url>', 'base URL of the read API: for --via read-api, and for reports of refused tokens')
    .addOption(
      new Option('--listen <address>', 'where to listen, on loopback only')
        .argParser(loopbackAddress)
        .default(DEFAULT_ADDRESS, `${DEFAULT_ADDRESS.host}:${DEFAULT_ADDRESS.port}`),
    )
    .addOption(
      new Option(
        '--file <id=path>',
        'keep the token of a credential in a file; repeat it for more',
      ).argParser(withFile),
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova agent --credential acme --file acme=/run/renova/acme --env prd\n  $ curl -H "X-Renova-Agent: 1" http://127.0.0.1:2774/tokens/acme',
    )
    .action(bind(agent));
}

/** Runs until it is told to end. */
async function agent(context: CommandContext, options: AgentCommandOptions): Promise<void> {
  const credentials = [...new Set(options.credential)];
  const files = options.file ?? new Map<string, readonly string[]>();
  const stranger = [...files.keys()].find((id) => !credentials.includes(id));
  if (stranger !== undefined) throw new UsageError(`--file ${stranger}=… needs --credential ${stranger}`);

  const sources = await agentSources(credentials, options, context.target);
  const running = await startAgent({
    ...options.listen,
    sources,
    files,
    tell: (sentence) => context.stderr.write(`renova agent: ${sentence}\n`),
    clock: context.clock,
  });
  context.stdout.write(
    context.json
      ? `${JSON.stringify({ url: running.url, credentials })}\n`
      : `Serving ${credentials.join(', ')} at ${running.url} (header X-Renova-Agent: 1)\n`,
  );
  await context.untilStopped();
  await running.close();
  if (!context.json) context.stdout.write('The agent has stopped.\n');
}

/** Reads `127.0.0.1:2774`. Tokens are for this machine: other addresses are refused. */
function loopbackAddress(text: string): Address {
  const [, host = '', port = ''] = /^(127(?:\.\d{1,3}){3}|localhost|\[::1\]):(\d{1,5})$/.exec(text) ?? [];
  if (!host || Number(port) > 65_535) {
    throw new UsageError('--listen takes an address of this machine and a port, such as 127.0.0.1:2774');
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function withFile(
  text: string,
  before: ReadonlyMap<string, readonly string[]> = new Map(),
): ReadonlyMap<string, readonly string[]> {
  const [, id = '', path = ''] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  if (!id || !path) throw new UsageError('--file takes <credential>=<path>');
  const credential = credentialId(id);
  return new Map([...before, [credential, [...(before.get(credential) ?? []), path]]]);
}
