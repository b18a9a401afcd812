import type { ProviderProfile } from './profile.ts';

/**
 * Banco BS2. Collection APIs ("Authentication", "Token Management", "Refresh Token"): "up to 10 access_token
 * and refresh_token requests per minute", refresh token "48 hours", access token "5 minutes in PRD and 7
 * minutes in HML", client id and secret "in Body". Its other APIs log in with `password` or
 * `client_credentials` at the same URL, and some authenticate the client by HTTP Basic: register those with
 * `grant` and `client_auth: basic`. The quota is one for all of them, because the URL is.
 */
export const bs2: ProviderProfile = {
  provider: 'bs2',
  tokenUrl: {
    hml: 'https://apihmz.bancobonsucesso.com.br/auth/oauth/v2/token',
    prd: 'https://api.bs2.com/auth/oauth/v2/token',
  },
  grants: ['refresh_token', 'password', 'client_credentials'],
  clientAuth: 'post',
  scopeRequired: true,
  accessTokenSeconds: { hml: 7 * 60, prd: 5 * 60 },
  refreshTokenSeconds: 48 * 60 * 60,
  quota: { limit: 10, windowSeconds: 60 },
};
