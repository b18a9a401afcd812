import type { EnvironmentName } from '../../../shared/config/names.ts';
import { LOGIN_GRANTS, type ProviderRules } from '../provider/rules.ts';

const ACCESS_TOKEN_SECONDS: Record<EnvironmentName, number> = { prd: 5 * 60, hml: 7 * 60 };
const REFRESH_TOKEN_SECONDS = 48 * 60 * 60;
const BANKING_REFRESH_TOKEN_SECONDS = 10 * 60;
const DEVICE_INTERVAL_SECONDS = 5;
const QUOTA = 10;
const QUOTA_WINDOW_SECONDS = 60;

/**
 * The rules of `env` with every time divided by `scale` (1: as in the document): one access token and one refresh token
 * of a grant live at a time, and every token request counts. Throws a RangeError if `scale` is not a number above 0.
 * Source: the BS2 Collection API page, "Authentication"; the life of refresh tokens that a password brought: the page
 * of the Banking APIs.
 */
export function bs2Rules(env: EnvironmentName, scale: number): ProviderRules {
  if (!(scale > 0) || !Number.isFinite(scale)) {
    throw new RangeError('scale: expected a number above 0; use 1 for the lifetimes of the real provider');
  }
  const scaledMs = (seconds: number) => (seconds * 1000) / scale;
  return {
    provider: 'bs2',
    grants: ['refresh_token', 'password', 'client_credentials', ...LOGIN_GRANTS],
    clientAuth: ['post', 'basic'],
    scope: 'exact',
    accessToken: { lifeMs: scaledMs(ACCESS_TOKEN_SECONDS[env]), expiresIn: 'stated', alive: 1 },
    refreshToken: {
      rotation: 'immediate',
      lifeMs: scaledMs(REFRESH_TOKEN_SECONDS),
      passwordLifeMs: scaledMs(BANKING_REFRESH_TOKEN_SECONDS),
      lifetime: 'own',
    },
    deviceIntervalMs: scaledMs(DEVICE_INTERVAL_SECONDS),
    quota: { limit: QUOTA, windowMs: scaledMs(QUOTA_WINDOW_SECONDS), per: 'provider' },
  };
}
