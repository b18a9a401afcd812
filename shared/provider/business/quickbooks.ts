import { everywhere, type KnownProvider } from '../profile.ts';

/** QuickBooks Online: refresh tokens of about 101 days, and a chain that ends after five years. */
export const quickbooks: KnownProvider = {
  provider: 'quickbooks',
  tokenUrl: everywhere('https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer'),
  login: {
    authorizeUrl: everywhere('https://appcenter.intuit.com/connect/oauth2'),
    redirectFields: ['realmId'],
  },
  grants: ['refresh_token'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(3600),
  refreshTokenSeconds: 8_726_400,
  refreshTokenRotation: 'sometimes',
  chainSeconds: 5 * 365 * 86_400,
  refreshExpiresMember: 'x_refresh_token_expires_in',
  knowledge: {
    title: 'QuickBooks Online (Intuit)',
    firstToken: 'A user connects the company; realmId comes with the redirect, and every API call needs it.',
    endsEarly: [
      '100 days without a refresh.',
      'Five years after the login, whatever was refreshed.',
      'A user who disconnects the app.',
    ],
    notes: ['The refresh token is another about once a day; always use the last one.'],
    unknown: ['grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://blogs.intuit.com/2025/11/12/important-changes-to-refresh-token-policy',
        of: '100 days, and the end after five years',
      },
      {
        url: 'https://github.com/intuit/QuickBooks-V3-Java-SDK/releases/tag/v6.5.4',
        of: 'x_refresh_token_expires_in and the hard end',
      },
      {
        url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq',
        of: 'life of access tokens',
      },
    ],
  },
};
