import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { isStandardName } from '../shared/admin/extra.ts';
import { LEAST_ANSWER_SECONDS, MOST_ANSWER_SECONDS } from '../shared/config/timing.ts';
import {
  MODES,
  PUBLISHED_PARTS,
  REFRESH_SCOPES,
  REFRESH_TOKEN_LIFETIMES,
} from '../shared/credential/settings.ts';
import { isSecretName, isSecretValue } from '../shared/secret/secret-names.ts';
import { CLIENT_AUTHS, type ClientAuth } from '../shared/token-endpoint/client-auth.ts';
import type { Grant } from '../shared/token-endpoint/grant.ts';
import { REQUEST_BODIES, REQUEST_METHODS } from '../shared/token-endpoint/request-body.ts';
import type { JsonObject } from './context.ts';
import { UsageError } from './errors.ts';
import { appName, oneOf, wholeNumber } from './option-values.ts';

type Lists = Readonly<Record<string, string | readonly string[]>>;
type Texts = Readonly<Record<string, string>>;

/** Settings of a credential as commander gives them. What was not given is absent: the profile knows it. */
export interface SettingsOptions {
  readonly app?: string | false;
  readonly tokenUrl?: string;
  readonly refreshUrl?: string;
  readonly networkUrl?: string;
  readonly scope?: string;
  readonly refreshScope?: string;
  readonly grant?: Grant;
  readonly grantType?: string;
  readonly clientAuth?: ClientAuth;
  readonly mode?: string;
  readonly publish?: string;
  readonly parameter?: boolean;
  readonly quotaKey?: string;
  readonly quotaLimit?: number;
  readonly quotaWindow?: number;
  readonly accessTokenSeconds?: number;
  readonly answerSeconds?: number;
  readonly refreshBeforeSeconds?: number;
  readonly refreshTokenSeconds?: number;
  readonly refreshTokenLifetime?: string;
  readonly extra?: Lists;
  readonly userAgent?: string;
  readonly headers?: Texts;
  readonly body?: string;
  readonly method?: string;
  readonly ca?: string;
  readonly fields?: readonly string[];
  readonly tags?: Texts;
  readonly force?: boolean;
}

/** Adds the options of {@link SettingsOptions} to `register` and `update`; the grant stays what it was registered as. */
export function addSettingsOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--app <name>', 'the client of this app, instead of one of its own').argParser(appName),
    )
    .option('--token-url <url>', "the provider's token endpoint")
    .option('--refresh-url <url>', 'where refreshes go, if not to the token URL')
    .option('--network-url <url>', 'where each new token chooses its network, if not where the provider says')
    .option('--scope <scope>', 'what to ask for, separated by spaces')
    .addOption(oneOf('--refresh-scope <how>', 'whether a refresh repeats the scope', REFRESH_SCOPES))
    .addOption(oneOf('--client-auth <how>', 'how the client proves who it is', CLIENT_AUTHS))
    .option('--grant-type <name>', 'what the provider calls its login, if it has a name of its own for it')
    .option('--user-agent <text>', "sent as User-Agent, and handed to readers (the bank's code, at BS2)")
    .addOption(
      repeated('--headers <name=value>', 'one more header of token requests (repeatable; no secret)', pair),
    )
    .addOption(oneOf('--body <kind>', 'how the parameters travel', REQUEST_BODIES))
    .addOption(oneOf('--method <method>', 'with --body query', REQUEST_METHODS))
    .addOption(
      new Option('--ca <file>', 'PEM file of the private authority of the token URL').argParser(pemOf),
    )
    .addOption(oneOf('--mode <mode>', 'always fresh, or renewed when somebody asks', MODES))
    .addOption(oneOf('--publish <what>', 'what workloads read in Secrets Manager', PUBLISHED_PARTS))
    .option('--parameter', 'publish it under one name in Parameter Store too')
    .option('--no-parameter', 'and no more')
    .option('--quota-key <key>', 'credentials with the same key share one quota')
    .addOption(wholeNumber('--quota-limit <requests>', 'requests that the provider allows in one window'))
    .addOption(wholeNumber('--quota-window <seconds>', 'length of that window'))
    .addOption(
      wholeNumber(
        '--access-token-seconds <seconds>',
        "life of an access token when answers don't say it, and the most that is believed of them",
      ),
    )
    .addOption(
      wholeNumber(
        '--answer-seconds <seconds>',
        `how long an answer of a slow provider is waited for, ${LEAST_ANSWER_SECONDS} to ${MOST_ANSWER_SECONDS}`,
      ),
    )
    .addOption(
      wholeNumber(
        '--refresh-before-seconds <seconds>',
        'refresh so long before the access token ends, instead of at half of its life',
      ),
    )
    .addOption(
      wholeNumber('--refresh-token-seconds <seconds>', "life of a refresh token, when answers don't say it"),
    )
    .addOption(
      oneOf(
        '--refresh-token-lifetime <how>',
        'what a refresh does to the end of the refresh token',
        REFRESH_TOKEN_LIFETIMES,
      ),
    )
    .addOption(
      new Option('--extra <name=value>', 'one more parameter (repeatable; no secret)').argParser(addExtra),
    )
    .addOption(
      new Option('--fields <name>', "a member of the provider's answers to publish (repeatable)").argParser(
        (text: string, before: readonly string[] = []) => [...before, text],
      ),
    )
    .addOption(repeated('--tags <name=value>', 'a name to find it by, on its secrets too (repeatable)', pair))
    .option(...INSIST);
}

/** Adds what is known of a refresh token that a person gives. */
export function addSeedOptions(command: Command): Command {
  return command
    .option('--refresh-token-issued-at <time>', 'when the provider issued the refresh token (RFC 3339)')
    .option('--refresh-token-expires-at <time>', 'when the refresh token ends, if the provider says so');
}

/** The option that insists against the arithmetic of a quota. */
export const INSIST = ['--force', 'insist, even beyond what the quota can keep fresh'] as const;

export interface SeedOptions {
  readonly refreshTokenIssuedAt?: string;
  readonly refreshTokenExpiresAt?: string;
}

/** The members of {@link SeedOptions} as they go on the wire. */
export function seedOnWire(options: SeedOptions): JsonObject {
  return given({
    refresh_token_issued_at: options.refreshTokenIssuedAt,
    refresh_token_expires_at: options.refreshTokenExpiresAt,
  });
}

/** The settings as they go on the wire: only what was given. */
export function settingsOnWire(options: SettingsOptions): JsonObject {
  const quota = given({
    key: options.quotaKey,
    limit: options.quotaLimit,
    window_seconds: options.quotaWindow,
  });
  return given({
    app: options.app === false ? null : options.app,
    token_url: options.tokenUrl,
    refresh_url: options.refreshUrl,
    network_url: options.networkUrl,
    scope: options.scope,
    refresh_scope: options.refreshScope,
    grant: options.grant,
    grant_type: options.grantType,
    client_auth: options.clientAuth,
    user_agent: options.userAgent,
    headers: options.headers,
    body: options.body,
    method: options.method,
    ca: options.ca,
    mode: options.mode,
    publish: options.publish,
    parameter: options.parameter,
    quota: Object.keys(quota).length > 0 ? quota : undefined,
    access_token_seconds: options.accessTokenSeconds,
    answer_seconds: options.answerSeconds,
    refresh_before_seconds: options.refreshBeforeSeconds,
    refresh_token_seconds: options.refreshTokenSeconds,
    refresh_token_lifetime: options.refreshTokenLifetime,
    extra: options.extra,
    fields: options.fields,
    tags: options.tags,
    force: options.force,
  });
}

/** The members that have a value. */
function given(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** An option that is given once for each member of a map. */
export function repeated(
  flags: string,
  description: string,
  read: (flags: string, text: string) => readonly [string, string],
): Option {
  return new Option(flags, description).argParser((text: string, before: Texts = {}) => {
    const [name, value] = read(flags, text);
    return { ...before, [name]: value };
  });
}

/** Splits `name=value`, and takes no secret: arguments are seen by every process of the machine. */
export function pair(flags: string, text: string): readonly [string, string] {
  const option = flags.split(' ')[0] ?? flags;
  const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`${option} takes name=value`);
  if (name === '__proto__') throw new UsageError(`${option} takes no __proto__`);
  if (isSecretName(name) || isSecretValue(value)) {
    throw new UsageError(`${option} takes no secret: a secret is prompted for, or read with --secrets -`);
  }
  return [name, value];
}

function addExtra(text: string, before: Lists = {}): Lists {
  const [name, value] = pair('--extra', text);
  if (isStandardName(name)) {
    throw new UsageError(
      '--extra cannot replace what makes the token request: that is said by other options',
    );
  }
  const had = before[name];
  return { ...before, [name]: had === undefined ? value : [had, value].flat() };
}

function pemOf(file: string): string {
  if (file.startsWith('-----BEGIN')) return file;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError('--ca takes the name of a PEM file that can be read');
  }
}
