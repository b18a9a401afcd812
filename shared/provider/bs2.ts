import type { ProviderProfile } from './profile.ts';

/**
 * Banco BS2, Collection APIs ("Authentication", "Token Management", "Refresh Token"): "up to 10 access_token
 * and refresh_token requests per minute", refresh token "48 hours", access token "5 minutes in PRD and 7
 * minutes in HML". Other BS2 pages authenticate the client by HTTP Basic: register with `client_auth: basic`.
 */
export const bs2: ProviderProfile = {
  provider: 'bs2',
  tokenUrl: {
    hml: 'https://apihmz.bancobonsucesso.com.br/auth/oauth/v2/token',
    prd: 'https://api.bs2.com/auth/oauth/v2/token',
  },
  grants: ['refresh_token'],
  clientAuth: 'post',
  scopeRequired: true,
  accessTokenSeconds: { hml: 7 * 60, prd: 5 * 60 },
  refreshTokenSeconds: 48 * 60 * 60,
  quota: { limit: 10, windowSeconds: 60 },
};
