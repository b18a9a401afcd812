import { everywhere, type KnownProvider } from '../profile.ts';

/** Open Finance Brasil: FAPI 1 Advanced, each bank by its own discovery. */
export const openFinanceBrasil: KnownProvider = {
  provider: 'open-finance-brasil',
  grants: ['refresh_token', 'client_credentials'],
  clientAuth: 'private_key_jwt',
  mutualTls: true,
  scopeRequired: false,
  accessTokenSeconds: everywhere(300),
  refreshTokenRotation: 'never',
  knowledge: {
    title: 'Open Finance Brasil',
    firstToken:
      'The customer consents at the bank (PAR, a signed request). The refresh token lives as long as the consent: give its end with --refresh-token-expires-at.',
    endsEarly: ['The end or the withdrawal of the consent.', 'The end of a certificate of the directory.'],
    notes: [
      'token_url is in the discovery document of each bank.',
      'Access tokens live 5 to 15 minutes.',
      'Clients with a certificate of the directory (BRCAC) and a signing key: client.certificate and client.private_key.',
    ],
    unknown: ['authorize-url', 'refresh-token-life', 'quota'],
    readOn: '2026-11-28',
    tried: 'documents',
    sources: [
      {
        url: 'https://github.com/OpenBanking-Brasil/specs-seguranca',
        of: 'financial-api-1: lives, client authentication, no rotation of refresh tokens',
      },
    ],
  },
};
