import { type Command, Option } from 'commander';
import { isStandardName } from '../shared/admin/extra.ts';
import { isSecretName } from '../shared/secret/secret-names.ts';
import type { JsonObject } from './context.ts';
import { UsageError } from './errors.ts';
import { oneOf, wholeNumber } from './option-values.ts';

/** Settings of a credential as commander gives them. What was not given is absent: the profile knows it. */
export interface SettingsOptions {
  readonly tokenUrl?: string;
  readonly scope?: string;
  readonly grant?: string;
  readonly clientAuth?: string;
  readonly mode?: string;
  readonly publish?: string;
  readonly parameter?: boolean;
  readonly quotaKey?: string;
  readonly quotaLimit?: number;
  readonly quotaWindow?: number;
  readonly accessTokenSeconds?: number;
  readonly refreshTokenSeconds?: number;
  readonly refreshTokenLifetime?: string;
  readonly extra?: Readonly<Record<string, string>>;
  readonly force?: boolean;
}

/** Adds the options of {@link SettingsOptions} to `register` and `update`; the grant stays what it was registered as. */
export function addSettingsOptions(command: Command): Command {
  return command
    .option('--token-url <url>', "the provider's token endpoint")
    .option('--scope <scope>', 'what to ask for, separated by spaces')
    .addOption(oneOf('--client-auth <how>', 'where the client secret goes', ['post', 'basic', 'none']))
    .addOption(oneOf('--mode <mode>', 'always fresh, or renewed when somebody asks', ['fresh', 'on-demand']))
    .addOption(
      oneOf('--publish <what>', 'what workloads read in Secrets Manager', ['access', 'pair', 'none']),
    )
    .option('--parameter', 'publish it under one name in Parameter Store too')
    .option('--no-parameter', 'and no more')
    .option('--quota-key <key>', 'credentials with the same key share one quota')
    .addOption(wholeNumber('--quota-limit <requests>', 'requests that the provider allows in one window'))
    .addOption(wholeNumber('--quota-window <seconds>', 'length of that window'))
    .addOption(
      wholeNumber('--access-token-seconds <seconds>', "life of an access token, when answers don't say it"),
    )
    .addOption(
      wholeNumber('--refresh-token-seconds <seconds>', "life of a refresh token, when answers don't say it"),
    )
    .addOption(
      oneOf('--refresh-token-lifetime <how>', 'what a refresh does to the end of the refresh token', [
        'sliding',
        'absolute',
      ]),
    )
    .addOption(
      new Option('--extra <name=value>', 'one more body parameter (repeatable; no secret)').argParser(
        addExtra,
      ),
    )
    .option('--force', 'insist, even beyond what the quota can keep fresh');
}

/** The settings as they go on the wire: only what was given. */
export function settingsOnWire(options: SettingsOptions): JsonObject {
  const quota = given({
    key: options.quotaKey,
    limit: options.quotaLimit,
    window_seconds: options.quotaWindow,
  });
  return given({
    token_url: options.tokenUrl,
    scope: options.scope,
    grant: options.grant,
    client_auth: options.clientAuth,
    mode: options.mode,
    publish: options.publish,
    parameter: options.parameter,
    quota: Object.keys(quota).length > 0 ? quota : undefined,
    access_token_seconds: options.accessTokenSeconds,
    refresh_token_seconds: options.refreshTokenSeconds,
    refresh_token_lifetime: options.refreshTokenLifetime,
    extra: options.extra,
    force: options.force,
  });
}

/** The members that have a value. */
function given(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function addExtra(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError('--extra takes name=value');
  if (isSecretName(name)) {
    throw new UsageError('--extra takes no secret: a secret is prompted for, or read with --secrets -');
  }
  if (isStandardName(name)) {
    throw new UsageError(
      '--extra cannot replace what makes the token request: that is said by other options',
    );
  }
  return { ...before, [name]: value };
}
