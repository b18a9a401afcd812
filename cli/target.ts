import { DEFAULT_LOCAL_PORT, localOptions } from '../shared/config/local-target.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../shared/config/names.ts';
import { type Command, commandWords } from '../shared/failure/command.ts';
import { UsageError } from './errors.ts';

/** Where a command goes: one environment, in AWS or on this machine. */
export interface Target {
  readonly env: EnvironmentName;
  /** The local stack's endpoint; absent: AWS, as the SDK is configured. */
  readonly localEndpoint?: string;
  /** The options that lead here again, for commands that are suggested (`--env hml`). */
  readonly options: string;
}

export interface TargetOptions {
  readonly env?: EnvironmentName;
  readonly local?: boolean;
  readonly localPort?: number;
}

/**
 * Decides the target. In AWS the environment must be said, by `--env` or `RENOVA_ENV`: a command that goes
 * to the wrong environment of a bank is expensive. Throws a {@link UsageError}.
 */
export function targetOf(
  options: TargetOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Target {
  if (options.localPort !== undefined && !options.local) {
    throw new UsageError('--local-port goes with --local');
  }
  const givenPort = localPortOf(environment.RENOVA_LOCAL_PORT);
  const isLocal = options.local || givenPort !== undefined;
  const env = options.env ?? environmentOf(environment.RENOVA_ENV) ?? (isLocal ? 'prd' : undefined);
  if (!env) throw new UsageError('say which environment: --env hml or --env prd (or set RENOVA_ENV)');
  if (!isLocal) return { env, options: `--env ${env}` };

  const port = options.localPort ?? givenPort ?? DEFAULT_LOCAL_PORT;
  return { env, localEndpoint: `http://127.0.0.1:${port}`, options: localOptions(env, port) };
}

/** `RENOVA_LOCAL_PORT`, which stands for `--local --local-port`. Throws a {@link UsageError}. */
function localPortOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
  throw new UsageError('RENOVA_LOCAL_PORT: expected a port, a whole number from 1 to 65535');
}

/** A command line that a person can copy: the same program, at the same target. */
export function commandLine(target: Target, command: string): string {
  return `npx renova ${command} ${target.options}`;
}

/** A command that a text names, as {@link commandLine}. */
export function typedCommand(target: Target, command: Command): string {
  return commandLine(target, commandWords(command));
}

function environmentOf(text: string | undefined): EnvironmentName | undefined {
  if (!text) return undefined;
  const env = ENVIRONMENTS.find((name) => name === text);
  if (!env) throw new UsageError(`RENOVA_ENV must be one of ${ENVIRONMENTS.join(', ')}`);
  return env;
}
