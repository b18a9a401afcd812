import type { KnownProvider } from '../profile.ts';

/**
 * Banco BS2. Collection APIs ("Authentication", "Token Management", "Refresh Token"): "up to 10 access_token
 * and refresh_token requests per minute", refresh token "48 hours", access token "5 minutes in PRD and 7
 * minutes in HML", client id and secret "in Body". Its other APIs log in at the same URL and prove the client by HTTP
 * Basic: Banking with `password`, whose refresh tokens live 10 minutes, and Pix with `client_credentials`, which has
 * none. The quota is one for all of them, because the URL is.
 */
export const bs2: KnownProvider = {
  provider: 'bs2',
  tokenUrl: {
    hml: 'https://apihmz.bancobonsucesso.com.br/auth/oauth/v2/token',
    prd: 'https://api.bs2.com/auth/oauth/v2/token',
  },
  login: {
    authorizeUrl: {
      hml: 'https://apihmz.bancobonsucesso.com.br/api-banking/auth/oauth/v2/authorize',
      prd: 'https://api.bs2.com/api-banking/auth/oauth/v2/authorize',
    },
  },
  grants: ['refresh_token', 'password', 'client_credentials'],
  clientAuth: 'post',
  clientAuthByGrant: { password: 'basic', client_credentials: 'basic' },
  scopeRequired: true,
  accessTokenSeconds: { hml: 7 * 60, prd: 5 * 60 },
  accessTokensAlive: 1,
  refreshTokenSeconds: 48 * 60 * 60,
  refreshTokenSecondsByGrant: { password: 10 * 60 },
  refreshTokenRotation: 'always',
  refreshTokenGraceSeconds: 0,
  quota: { limit: 10, windowSeconds: 60 },
  userAgentRequired: {
    prd: 'in production BS2 takes requests only with the code that it gave you for this, in User-Agent; ask the bank for it',
  },
  addressesEntered: { prd: true },
  knowledge: {
    title: 'Banco BS2',
    firstToken:
      'The account’s master user makes a key in BS2 Empresas (API Banking, Aplicações); refresh token and scope are shown then, and again by “Obter Credenciais”.',
    endsEarly: [
      'A refresh that somebody else makes: the old pair is dead at once.',
      'Another access token that is generated for the same key.',
      '48 hours without a refresh.',
    ],
    notes: [
      'Collection (Cobrança): refresh_token, client in the body, refresh tokens of 48 hours.',
      'Pix Direto: client_credentials by HTTP Basic, no refresh token, the scope as it was granted.',
      'Banking: password by HTTP Basic, refresh tokens of 10 minutes; Renova logs in again when one has ended.',
      'Câmbio (eFX): client_credentials with the client in the body (client_auth post); tokens of 1680 s were seen, and one scope a token.',
      'In production the bank refuses addresses that its customer has not entered; in homologation 0.0.0.0/32 lets all in.',
    ],
    unknown: [],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://devs.bs2.com/docs/authentication-co',
        of: 'lives, rotation and quota of the Collection APIs',
      },
      { url: 'https://devs.bs2.com/docs/first-steps', of: 'the code in User-Agent, and the addresses' },
      {
        url: 'https://devs.bs2.com/docs/autenticação-5',
        of: 'Banking: its grant, and refresh tokens of 10 minutes',
      },
      {
        url: 'https://devs.bs2.com/reference/post_auth-oauth-v2-token-2',
        of: 'Pix: its grant and HTTP Basic',
      },
      { url: 'https://devs.bs2.com/docs/autenticação-4', of: 'the consent flow for partners' },
    ],
  },
};
