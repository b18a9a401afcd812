import { everywhere, type KnownProvider } from '../profile.ts';

/** Bling v3: refresh tokens of 30 days, and a ban of the address that asks too often. */
export const bling: KnownProvider = {
  provider: 'bling',
  tokenUrl: everywhere('https://api.bling.com.br/Api/v3/oauth/token'),
  login: { authorizeUrl: everywhere('https://www.bling.com.br/Api/v3/oauth/authorize') },
  grants: ['refresh_token'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(21_600),
  refreshTokenSeconds: 30 * 86_400,
  refreshTokenRotation: 'always',
  // 20 calls in 60 s block the address for an hour: one less is asked for.
  quota: { limit: 19, windowSeconds: 60, banSeconds: 3600 },
  headers: { 'enable-jwt': '1' },
  knowledge: {
    title: 'Bling',
    firstToken: 'A user of the account authorises the app; the code lives one minute.',
    endsEarly: [
      '30 days without a refresh.',
      'Other scopes of the app: all its users must authorise it again.',
    ],
    notes: ['With enable-jwt tokens are 1,500 to 3,000 characters long.'],
    unknown: ['grace'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      { url: 'https://developer.bling.com.br/aplicativos', of: 'the login, the grants and HTTP Basic' },
      { url: 'https://developer.bling.com.br/limites', of: 'the ban of an address', secondHand: true },
      {
        url: 'https://pypi.org/project/bling-jwt-auth/',
        of: 'lives and the header enable-jwt',
        secondHand: true,
      },
    ],
  },
};
