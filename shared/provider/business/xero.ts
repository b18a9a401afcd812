import { everywhere, type KnownProvider } from '../profile.ts';

/** Xero: tokens of half an hour, refresh tokens of 60 days that may be retried for 30 minutes. */
export const xero: KnownProvider = {
  provider: 'xero',
  tokenUrl: everywhere('https://identity.xero.com/connect/token'),
  login: { authorizeUrl: everywhere('https://login.xero.com/identity/connect/authorize') },
  grants: ['refresh_token', 'client_credentials'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(1800),
  refreshTokenSeconds: 60 * 86_400,
  refreshTokenRotation: 'always',
  refreshTokenGraceSeconds: 1800,
  knowledge: {
    title: 'Xero',
    firstToken:
      'A user authorises the app with the scope offline_access; a Custom Connection logs in by itself.',
    endsEarly: ['60 days without a refresh.', 'A user who disconnects the app.'],
    notes: [
      'API calls send Xero-Tenant-Id; GET https://api.xero.com/connections lists the tenants of a token.',
      'A refresh token whose answer was lost may be posted again for 30 minutes.',
    ],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [{ url: 'https://developer.xero.com/faq/oauth2', of: 'lives, rotation and grace' }],
  },
};
