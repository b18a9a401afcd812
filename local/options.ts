import { Command, InvalidArgumentError, Option } from 'commander';
import { ENVIRONMENTS, type EnvironmentName } from '../shared/config/names.ts';
import type { ProviderProfile } from '../shared/provider/profile.ts';
import { profiles } from '../shared/provider/profiles.ts';
import { type CommandLine, readCommandLine, refuse } from './command-line.ts';
import { bs2Rules } from './sandboxes/bs2/bs2-rules.ts';
import { isAddressOrNetwork } from './sandboxes/provider/gate.ts';

/** What the local stack is asked to be. */
export interface StackOptions {
  readonly env: EnvironmentName;
  /** Every duration is divided by it; at least 1. */
  readonly scale: number;
  /** Port of the AWS endpoint, and of the others; 0 takes a free one. */
  readonly port: number;
  readonly apiPort: number;
  readonly providerPort: number;
  /** Folder in which the state survives; in memory when left out. */
  readonly data?: string;
  readonly parts: 'all' | 'provider-only' | 'no-provider';
  /** The profile whose provider the sandbox plays. Absent: BS2, by its document. */
  readonly profile?: ProviderProfile;
  /** Registers a credential `demo`; needs the provider. */
  readonly demo: boolean;
  /** The value of `User-Agent` without which the sandbox refuses a request, as BS2 does in production. */
  readonly requireUserAgent?: string;
  /** The addresses and networks that the sandbox lets in; all when left out. */
  readonly allowAddresses?: readonly string[];
  /** Providers beyond this machine may be posted to. */
  readonly allowRemoteProvider: boolean;
  /** Names that clients may call this machine by in `Host`, beside its own. */
  readonly allowHosts?: readonly string[];
}

/** Reads the arguments of `npm start --` (without node and script). */
export function parseArguments(args: readonly string[]): CommandLine<StackOptions> {
  const command = describeCommand();
  return readCommandLine(command, args, () => stackOptions(command.opts<RawOptions>()));
}

interface RawOptions {
  env: EnvironmentName;
  scale: number;
  port: number;
  apiPort: number;
  providerPort: number;
  data?: string;
  providerOnly?: boolean;
  provider?: ProviderProfile | false;
  demo: boolean;
  requireUserAgent?: string;
  allowAddress?: string[];
  allowRemoteProvider?: boolean;
  allowHost?: string[];
}

const LEAST_TOKEN_LIFE_SECONDS = 5;

function describeCommand(): Command {
  const port = (flag: string, what: string, standard: number) =>
    new Option(`--${flag} <port>`, `port of ${what} (0: a free one)`).argParser(parsePort).default(standard);
  return new Command('npm start --')
    .description(
      'Runs Renova on this machine: an AWS endpoint, the read API and a provider sandbox on loopback.',
    )
    .addOption(
      new Option('--env <env>', 'environment, with its token lifetimes').choices(ENVIRONMENTS).default('prd'),
    )
    .addOption(new Option('--scale <n>', 'let time pass N times as fast').argParser(parseScale).default(1))
    .addOption(port('port', 'the AWS endpoint', 4700))
    .addOption(port('api-port', 'the HTTP read API', 4701))
    .addOption(port('provider-port', 'the provider sandbox', 4702))
    .addOption(
      new Option('--data <dir>', 'keep the state in this folder (otherwise in memory)').argParser(parseData),
    )
    .addOption(new Option('--provider-only', 'run the provider sandbox alone').conflicts('noProvider'))
    .addOption(
      new Option('--provider <name>', 'let the sandbox play the provider of this profile').argParser(
        parseProfile,
      ),
    )
    .option('--no-provider', 'run everything but the provider sandbox')
    .option('--no-demo', 'do not register the credential "demo"')
    .addOption(
      new Option(
        '--require-user-agent <code>',
        'let the sandbox refuse requests without this User-Agent, as BS2 does in production',
      ).argParser(parseUserAgent),
    )
    .addOption(
      new Option(
        '--allow-address <address>',
        'let the sandbox refuse requests from other addresses; may be repeated, and may be a network',
      ).argParser(addAddress),
    )
    .option(
      '--allow-remote-provider',
      'let credentials post to providers beyond this machine (otherwise to loopback alone)',
    )
    .addOption(
      new Option(
        '--allow-host <name>',
        'answer requests with this name in Host too (host.docker.internal); may be repeated',
      ).argParser(addHost),
    );
}

function stackOptions(raw: RawOptions): StackOptions {
  const { env, scale, port, apiPort, providerPort, data, demo } = raw;
  if (raw.providerOnly && raw.provider === false)
    refuse('--provider-only and --no-provider leave nothing to run: choose one');
  refuseShortTokens(env, scale);
  const ports = [port, apiPort, providerPort].filter((each) => each !== 0);
  if (new Set(ports).size < ports.length) {
    refuse('--port, --api-port and --provider-port must be three different ports');
  }
  const parts = raw.providerOnly ? 'provider-only' : raw.provider === false ? 'no-provider' : 'all';
  const { requireUserAgent, allowAddress: allowAddresses, allowRemoteProvider = false } = raw;
  const { allowHost: allowHosts } = raw;
  return {
    ...{ env, scale, port, apiPort, providerPort, data, parts },
    // The demo is a credential of BS2.
    ...{ demo: demo && parts === 'all' && !raw.provider, profile: raw.provider || undefined },
    ...{ requireUserAgent, allowAddresses, allowRemoteProvider, allowHosts },
  };
}

/** A token that lives no longer than a few round trips can only be late. */
function refuseShortTokens(env: EnvironmentName, scale: number): void {
  const lifeSeconds = bs2Rules(env, 1).accessToken.lifeMs / 1000;
  if (lifeSeconds / scale >= LEAST_TOKEN_LIFE_SECONDS) return;
  const life = (lifeSeconds / scale).toFixed(2);
  const most = lifeSeconds / LEAST_TOKEN_LIFE_SECONDS;
  refuse(
    `--scale ${scale} gives a token of ${env} ${lifeSeconds} s / ${scale} = ${life} s of life, ` +
      `and ${LEAST_TOKEN_LIFE_SECONDS} s is the least: choose at most ${most}`,
  );
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}

function parseScale(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) >= 1 && Number.isFinite(Number(text))) return Number(text);
  throw new InvalidArgumentError('Expected a number of at least 1.');
}

function parseUserAgent(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text)) return text;
  throw new InvalidArgumentError('Expected printable ASCII without blanks around it.');
}

function addAddress(text: string, before: string[] = []): string[] {
  if (isAddressOrNetwork(text)) return [...before, text];
  throw new InvalidArgumentError('Expected an address (127.0.0.1) or a network (192.0.2.0/24).');
}

function addHost(text: string, before: string[] = []): string[] {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text)) return [...before, text];
  throw new InvalidArgumentError('Expected a name without a port (host.docker.internal).');
}

function parseProfile(name: string): ProviderProfile {
  const profile = profiles.get(name);
  if (profile) return profile;
  throw new InvalidArgumentError(`Expected one of ${[...profiles.keys()].join(', ')}.`);
}

function parseData(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Expected a folder.');
}
