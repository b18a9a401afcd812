import { ENVIRONMENTS, type EnvironmentName } from '../config/names.ts';
import { PROVIDER_FACTS } from './knowledge.ts';
import type { KnownProvider, ProviderProfile } from './profile.ts';

/** One thing that is known of a provider: what it is, and what is known. A list is several sentences. */
export type SheetLine = readonly [label: string, value: string | readonly string[]];

/** All that is known of a provider, in words: for `renova providers <name>` and docs/providers.md. Pure. */
export function providerSheet(profile: KnownProvider): readonly SheetLine[] {
  const { knowledge, login, fields, headers, extra, extraRequired, body } = profile;
  const lines: readonly (readonly [string, string | readonly string[] | undefined])[] = [
    ['who', knowledge.title],
    ['token URL', byEnvironment(profile.tokenUrl, String) ?? 'given at registration'],
    ['login page', byEnvironment(login?.authorizeUrl, String)],
    ['device login', byEnvironment(login?.deviceUrl, String)],
    ['comes with the redirect', login?.redirectFields?.join(', ')],
    ['grants', `${profile.grants.join(', ')}${profile.grantType ? ` (sent as ${profile.grantType})` : ''}`],
    ['client authentication', clientAuths(profile)],
    ['scope', profile.scopeRequired ? 'required' : undefined],
    ['access token', accessToken(profile)],
    ['refresh token', refreshToken(profile)],
    ['chain', ending(profile.chainSeconds, 'the login')],
    [profile.mutualTls ? 'certificate' : 'client secret', ending(profile.clientSecretSeconds, 'it was made')],
    ['quota', quota(profile)],
    ['headers', headers && named(headers)],
    ['parameters', extra && named(extra)],
    ['parameters to give', extraRequired && named(extraRequired, ': ')],
    ['request', body && `parameters as ${body}`],
    ['User-Agent', byEnvironment(profile.userAgentRequired, String)],
    ['addresses', byEnvironment(profile.addressesEntered, () => 'entered by the customer, or refused')],
    ['network', profile.networkUrl && `each new token chooses one at ${profile.networkUrl}`],
    ['published fields', fields?.join(', ')],
    ['API calls', profile.authorizationScheme && `Authorization: ${profile.authorizationScheme} …`],
    ['first token', knowledge.firstToken],
    ['ends early', knowledge.endsEarly],
    ['notes', knowledge.notes],
    ['not known', knowledge.unknown.map((fact) => PROVIDER_FACTS[fact].what)],
    [
      'sources',
      knowledge.sources.map(
        ({ url, of, secondHand }) => `${url} (${secondHand ? 'second-hand: ' : ''}${of})`,
      ),
    ],
    ['read on', knowledge.readOn],
    [
      'tried',
      knowledge.tried === 'sandbox'
        ? 'in the sandbox, not at the provider'
        : 'not: its pages alone were read',
    ],
  ];
  return lines.flatMap(([label, value]) =>
    value === undefined || value.length === 0 ? [] : [[label, value] as const],
  );
}

/** Length of a unit, its name, and from how many on it is used. */
const UNITS = [
  [365 * 86_400, 'year', 1],
  [86_400, 'day', 3],
  [3600, 'hour', 1],
  [60, 'minute', 2],
  [1, 'second', 1],
] as const;

/** A life in the largest unit in which it is whole, as people say it: `90 minutes`, `48 hours`, `5 years`. Pure. */
export function lifeInWords(seconds: number): string {
  const fits = ([unit, , from]: (typeof UNITS)[number]) => seconds % unit === 0 && seconds >= from * unit;
  const [length, name] = UNITS.find(fits) ?? [1, 'second'];
  const count = seconds / length;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

function ending(seconds: number | undefined, since: string): string | undefined {
  return seconds === undefined ? undefined : `ends ${lifeInWords(seconds)} after ${since}`;
}

/** One text where all environments have the same, otherwise each with its name. Undefined: there is none. */
function byEnvironment<Value>(
  values: Readonly<Partial<Record<EnvironmentName, Value>>> | undefined,
  say: (value: Value) => string,
): string | undefined {
  const said = ENVIRONMENTS.flatMap((env) => {
    const value = values?.[env];
    return value === undefined ? [] : [[env, say(value)] as const];
  });
  const texts = new Set(said.map(([, text]) => text));
  if (said.length === 0) return undefined;
  if (texts.size === 1 && said.length === ENVIRONMENTS.length) return said[0]?.[1];
  return said.map(([env, text]) => `${env}: ${text}`).join('; ');
}

function clientAuths({ clientAuth, clientAuthByGrant = {}, mutualTls }: ProviderProfile): string {
  const others = Object.entries(clientAuthByGrant).map(([grant, how]) => `${how} with ${grant}`);
  return [clientAuth, ...others, ...(mutualTls ? ['a certificate beside it (mutual TLS)'] : [])].join(', ');
}

function accessToken({ accessTokenSeconds, accessTokensAlive, expiresInAbsent }: ProviderProfile): string {
  const life = byEnvironment(accessTokenSeconds, lifeInWords) ?? '';
  const alive =
    accessTokensAlive === 1
      ? ['a new one ends the one before']
      : accessTokensAlive
        ? [`${accessTokensAlive} live at once`]
        : [];
  return [life, ...(expiresInAbsent ? ['no answer states it'] : []), ...alive].join(', ');
}

const ROTATION = {
  always: 'replaced at each refresh',
  sometimes: 'replaced at times',
  never: 'stays',
} as const satisfies Record<NonNullable<ProviderProfile['refreshTokenRotation']>, string>;

const LIFETIME = {
  sliding: 'counted from its last use',
  absolute: 'counted from the login, whatever is refreshed',
} as const satisfies Record<NonNullable<ProviderProfile['refreshTokenLifetime']>, string>;

function refreshToken(profile: ProviderProfile): string | undefined {
  if (!profile.grants.some((grant) => grant !== 'client_credentials')) return 'none';
  const { refreshTokenSeconds, refreshTokenLifetime, refreshTokenRotation, refreshExpiresMember } = profile;
  const others = Object.entries(profile.refreshTokenSecondsByGrant ?? {}).map(
    ([grant, seconds]) => `${lifeInWords(seconds)} with ${grant}`,
  );
  const parts = [
    refreshTokenSeconds && lifeInWords(refreshTokenSeconds),
    ...others,
    refreshTokenLifetime && LIFETIME[refreshTokenLifetime],
    refreshTokenRotation && ROTATION[refreshTokenRotation],
    grace(profile),
    refreshExpiresMember && `its life is stated as ${refreshExpiresMember}`,
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join(', ');
}

function grace({ refreshTokenGraceSeconds: seconds }: ProviderProfile): string | undefined {
  if (seconds === undefined) return undefined;
  if (seconds === 'whole-life') return 'a replaced one is taken to its own end';
  return seconds === 0
    ? 'a replaced one is refused at once'
    : `a replaced one is taken for ${lifeInWords(seconds)} more`;
}

function quota({ quota: known }: ProviderProfile): string | undefined {
  if (!known) return undefined;
  const of = known.per === 'credential' ? 'each credential' : 'all credentials together';
  const ban = known.banSeconds
    ? `; beyond it the address is shut out for ${lifeInWords(known.banSeconds)}`
    : '';
  return `${known.limit} token requests in ${lifeInWords(known.windowSeconds)}, ${of}${ban}`;
}

function named(members: Readonly<Record<string, string>>, between = '='): string {
  return Object.entries(members)
    .map(([name, value]) => `${name}${between}${value}`)
    .join(', ');
}
