import type { EnvironmentName } from '../../../shared/config/names.ts';
import type { ProviderProfile } from '../../../shared/provider/profile.ts';
import {
  createProvider,
  DEVICE_PATHS,
  type ProviderOptions,
  type ProviderSandbox,
} from '../provider/provider.ts';
import { LOGIN_GRANTS, type ProviderRules } from '../provider/rules.ts';
import { ODDITIES, type Oddities } from './oddities.ts';

/** Where a provider is served whose profile knows no URL. */
const TOKEN_PATH = '/oauth/token';
const AUTHORIZE_PATH = '/authorize';

/**
 * How the provider of a profile behaves, with every time divided by `scale`: what the profile says, and the oddities
 * that it need not know. Old access tokens live to their own end unless an oddity says otherwise.
 */
export function rulesOfProfile(
  profile: ProviderProfile,
  { env, scale }: { readonly env: EnvironmentName; readonly scale: number },
  oddities: Oddities = ODDITIES[profile.provider] ?? {},
): ProviderRules {
  const scaledMs = (seconds: number) => (seconds * 1000) / scale;
  const optionalMs = (seconds: number | undefined) => (seconds === undefined ? undefined : scaledMs(seconds));
  const quota = oddities.quota ?? (profile.quota && { ...profile.quota, per: 'provider' as const });
  return {
    provider: profile.provider,
    grants: [...profile.grants, ...LOGIN_GRANTS],
    clientAuth: clientAuthsOf(profile),
    scope: profile.scopeRequired ? 'exact' : 'optional',
    accessToken: {
      lifeMs: scaledMs(profile.accessTokenSeconds[env]),
      expiresIn: oddities.expiresIn ?? 'stated',
      alive: oddities.alive ?? Infinity,
    },
    refreshToken: {
      rotation: oddities.rotation ?? 'immediate',
      graceMs: optionalMs(oddities.graceSeconds),
      lifeMs: optionalMs(profile.refreshTokenSeconds),
      lifetime: oddities.lifetime ?? profile.refreshTokenLifetime ?? 'own',
      chainMs: optionalMs(oddities.chainSeconds),
      statedAs: oddities.refreshExpiresMember,
    },
    quota: quota && {
      limit: quota.limit,
      windowMs: scaledMs(quota.windowSeconds),
      per: quota.per === 'grant' ? 'grant' : 'provider',
      ...('banSeconds' in quota && { banMs: optionalMs(quota.banSeconds) }),
      ...('answer' in quota && { answer: quota.answer }),
    },
    deviceIntervalMs: scaledMs(5),
    members: oddities.members,
    redirectMembers: oddities.redirectMembers,
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
  const token = pathOf(profile.tokenUrl?.[env]);
  return createProvider({
    ...options,
    rules: rulesOfProfile(profile, { env, scale }),
    paths: { prefix: '', token: [token], authorize: [AUTHORIZE_PATH], device: DEVICE_PATHS },
    health: { env, scale, provider: profile.provider },
  });
}

/** The host may have parts that the operator fills in (a tenant, a region), so this is no URL yet. */
function pathOf(tokenUrl: string | undefined): string {
  return tokenUrl?.replace(/^https:\/\/[^/]*/, '').split('?', 1)[0] || TOKEN_PATH;
}

/** What a client of this provider may prove itself by, as far as the sandbox can check it. */
function clientAuthsOf({ clientAuth }: ProviderProfile): ProviderRules['clientAuth'] {
  switch (clientAuth) {
    case 'post':
      return ['post'];
    case 'basic':
      return ['basic'];
    default:
      return ['post', 'basic', 'none'];
  }
}
