import type { ProviderProfile } from './profile.ts';

/**
 * Banco BS2. Collection APIs ("Authentication", "Token Management", "Refresh Token"): "up to 10 access_token
 * and refresh_token requests per minute", refresh token "48 hours", access token "5 minutes in PRD and 7
 * minutes in HML", client id and secret "in Body". Its other APIs log in at the same URL and prove
 * the client by HTTP Basic: Banking with `password`, whose refresh tokens live 10 minutes
 * (devs.bs2.com/docs/autenticação-5), and Pix with `client_credentials`, which has none
 * (devs.bs2.com/reference/post_auth-oauth-v2-token-2). The quota is one for all of them, because the URL is.
 * In production every request carries a code of the bank's in `User-Agent`, and comes from an address that the
 * customer has entered (devs.bs2.com/docs/first-steps, read 2026-11-28).
 */
export const bs2: ProviderProfile = {
  provider: 'bs2',
  tokenUrl: {
    hml: 'https://apihmz.bancobonsucesso.com.br/auth/oauth/v2/token',
    prd: 'https://api.bs2.com/auth/oauth/v2/token',
  },
  grants: ['refresh_token', 'password', 'client_credentials'],
  clientAuth: 'post',
  clientAuthByGrant: { password: 'basic', client_credentials: 'basic' },
  scopeRequired: true,
  accessTokenSeconds: { hml: 7 * 60, prd: 5 * 60 },
  refreshTokenSeconds: 48 * 60 * 60,
  refreshTokenSecondsByGrant: { password: 10 * 60 },
  quota: { limit: 10, windowSeconds: 60 },
  userAgentRequired: {
    prd: 'in production BS2 takes requests only with the code that it gave you for this, in User-Agent; ask the bank for it',
  },
};
