import type { ProviderRules } from '../provider/rules.ts';

const DAY_SECONDS = 24 * 60 * 60;
const ACCESS_TOKEN_SECONDS = 330;
const CLIENT_SECRET_SECONDS = 180 * DAY_SECONDS;
const SECRET_OVERLAP_SECONDS = DAY_SECONDS;
const NETWORK_SESSION_SECONDS = DAY_SECONDS;

/** BSN.cloud's rules, and how long a network stays chosen. */
export interface BsnCloudRules {
  readonly provider: ProviderRules;
  readonly networkSessionMs: number;
}

/**
 * BSN.cloud as BrightSign runs it: client credentials by HTTP Basic, tokens of 330 s, no refresh token. Times are
 * divided by `scale`. Sources: BrightSign's "2025 API usage guide"; a network session ends after 24 hours; how long an
 * old client secret works beside a new one is not published (here a day).
 */
export function bsnCloudRules(scale: number): BsnCloudRules {
  const scaledMs = (seconds: number) => (seconds * 1000) / scale;
  return {
    provider: {
      provider: 'bsncloud',
      grants: ['client_credentials'],
      clientAuth: ['basic'],
      scope: 'optional',
      accessToken: { lifeMs: scaledMs(ACCESS_TOKEN_SECONDS), expiresIn: 'stated', alive: Infinity },
      refreshToken: { rotation: 'none', lifetime: 'own' },
      clientSecret: { lifeMs: scaledMs(CLIENT_SECRET_SECONDS), overlapMs: scaledMs(SECRET_OVERLAP_SECONDS) },
    },
    networkSessionMs: scaledMs(NETWORK_SESSION_SECONDS),
  };
}
