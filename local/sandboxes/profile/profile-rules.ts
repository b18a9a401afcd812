import type { EnvironmentName } from '../../../shared/config/names.ts';
import { type ProviderProfile, type ProviderQuota, plainUrl } from '../../../shared/provider/profile.ts';
import { createProvider, type ProviderOptions, type ProviderSandbox } from '../provider/provider.ts';
import { DEVICE_PATHS } from '../provider/provider-paths.ts';
import { LOGIN_GRANTS, type ProviderRules, type QuotaRules } from '../provider/rules.ts';
import { ODDITIES, type Oddities } from './oddities.ts';

/** Where a provider is served whose profile knows no URL. */
export const TOKEN_PATH = '/oauth/token';
const AUTHORIZE_PATH = '/authorize';

/**
 * How the provider of a profile behaves, with every time divided by `scale`. What its pages do not say is played as it
 * costs most: a refresh token is spent at once.
 */
export function rulesOfProfile(
  profile: ProviderProfile,
  { env, scale }: { readonly env: EnvironmentName; readonly scale: number },
  oddities: Oddities = ODDITIES[profile.provider] ?? {},
): ProviderRules {
  const scaledMs = (seconds: number) => (seconds * 1000) / scale;
  const optionalMs = (seconds: number | undefined) => (seconds === undefined ? undefined : scaledMs(seconds));
  const { refreshTokenSecondsByGrant, quota } = profile;
  return {
    provider: profile.provider,
    grants: [...profile.grants, ...LOGIN_GRANTS],
    loginGrantType: profile.grantType,
    parametersIn: profile.body === 'query' ? 'query' : undefined,
    clientAuth: clientAuthsOf(profile),
    scope: profile.scopeRequired ? 'exact' : 'optional',
    accessToken: {
      lifeMs: scaledMs(profile.accessTokenSeconds[env]),
      expiresIn: profile.expiresInAbsent ? 'absent' : 'stated',
      alive: profile.accessTokensAlive ?? Infinity,
    },
    refreshToken: {
      ...rotationOf(profile, oddities, scaledMs),
      lifeMs: optionalMs(profile.refreshTokenSeconds),
      passwordLifeMs: optionalMs(refreshTokenSecondsByGrant?.password),
      lifetime: profile.refreshTokenLifetime ?? 'own',
      chainMs: optionalMs(profile.chainSeconds),
      statedAs: profile.refreshExpiresMember,
    },
    clientSecret: profile.clientSecretSeconds
      ? { lifeMs: scaledMs(profile.clientSecretSeconds), overlapMs: scaledMs(SECRET_OVERLAP_SECONDS) }
      : undefined,
    quota: quota && quotaRulesOf(quota, scaledMs),
    deviceIntervalMs: scaledMs(5),
    members: oddities.members,
    redirectMembers: oddities.redirectMembers,
  };
}

/** How long an old client secret works beside a new one is published nowhere. */
const SECRET_OVERLAP_SECONDS = 86_400;

function rotationOf(
  { refreshTokenRotation, refreshTokenGraceSeconds: grace = 0 }: ProviderProfile,
  oddities: Oddities,
  scaledMs: (seconds: number) => number,
): Pick<ProviderRules['refreshToken'], 'rotation' | 'graceMs'> {
  if (refreshTokenRotation === 'never') return { rotation: 'none' };
  if (refreshTokenRotation !== 'always' && oddities.rotation) {
    return { rotation: oddities.rotation, graceMs: scaledMs(oddities.graceSeconds ?? 0) };
  }
  if (grace === 0) return { rotation: 'immediate' };
  return { rotation: 'grace', graceMs: grace === 'whole-life' ? Infinity : scaledMs(grace) };
}

/** The provider refuses one request more than a profile asks for at most, where a ban follows: here the same number. */
function quotaRulesOf(quota: ProviderQuota, scaledMs: (seconds: number) => number): QuotaRules {
  const { limit, windowSeconds, per, banSeconds, answer } = quota;
  return {
    limit,
    windowMs: scaledMs(windowSeconds),
    per: per === 'credential' ? 'grant' : 'provider',
    ...(banSeconds !== undefined && { banMs: scaledMs(banSeconds) }),
    ...(answer && {
      answer: {
        status: answer.status,
        body: { error: answer.error, error_description: answer.description, status: 'failure' },
      },
    }),
  };
}

/** A sandbox that plays the provider of a profile, at the paths of its own URLs. */
export function createProfileProvider(
  profile: ProviderProfile,
  {
    env,
    scale,
    ...options
  }: Omit<ProviderOptions, 'rules' | 'paths' | 'health'> & {
    readonly env: EnvironmentName;
    readonly scale: number;
  },
): ProviderSandbox {
  const token = pathOf(profile.tokenUrl?.[env]) ?? TOKEN_PATH;
  const authorize = new Set([pathOf(profile.login?.authorizeUrl?.[env]) ?? AUTHORIZE_PATH, AUTHORIZE_PATH]);
  const device = pathOf(profile.login?.deviceUrl?.[env]) ?? DEVICE_PATHS.path;
  return createProvider({
    ...options,
    rules: rulesOfProfile(profile, { env, scale }),
    paths: {
      prefix: '',
      token: [token],
      authorize: [...authorize],
      device: { ...DEVICE_PATHS, path: device },
    },
    health: { env, scale, provider: profile.provider },
  });
}

function pathOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(plainUrl(url)).pathname;
}

/** What a client of this provider may prove itself by, as far as the sandbox can check it. */
function clientAuthsOf({ clientAuth, clientAuthByGrant = {} }: ProviderProfile): ProviderRules['clientAuth'] {
  const all = new Set([clientAuth, ...Object.values(clientAuthByGrant)]);
  const checked = CHECKED.filter((way) => all.has(way));
  return checked.length === all.size ? checked : ['post', 'basic', 'none'];
}

const CHECKED = ['post', 'basic', 'none'] as const;
