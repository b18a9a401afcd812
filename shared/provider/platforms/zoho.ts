import { everywhere, type KnownProvider } from '../profile.ts';

/** Zoho: refresh tokens without an end that stay, ten tokens each in ten minutes. */
export const zoho: KnownProvider = {
  provider: 'zoho',
  tokenUrl: everywhere('https://accounts.zoho.{region}/oauth/v2/token'),
  login: {
    authorizeUrl: everywhere('https://accounts.zoho.{region}/oauth/v2/auth'),
    parameters: { access_type: 'offline', prompt: 'consent' },
    redirectFields: ['accounts-server', 'location'],
  },
  grants: ['refresh_token'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: everywhere(3600),
  accessTokensAlive: 15,
  refreshTokenRotation: 'never',
  quota: {
    limit: 10,
    windowSeconds: 600,
    per: 'credential',
    answer: {
      status: 400,
      error: 'Access Denied',
      description: 'You have made too many requests continuously. Please try again after some time.',
    },
  },
  throttleWords: ['access denied', 'too many requests'],
  fields: ['api_domain'],
  authorizationScheme: 'Zoho-oauthtoken',
  knowledge: {
    title: 'Zoho',
    firstToken: 'A user authorises the app with access_type=offline, or a Self Client makes a code by hand.',
    endsEarly: [
      'The 21st refresh token of a user for one client ends the first.',
      'A user who withdraws the access.',
    ],
    notes: [
      'The region of the account decides the host: com, eu, in, com.au, com.cn, jp, sa; zohocloud.ca in Canada. It comes as accounts-server with the redirect.',
      'API calls go to api_domain, with Authorization: Zoho-oauthtoken.',
      'Refresh tokens have no end of their own.',
      'Of one refresh token 15 access tokens live at once in CRM, 30 in other products.',
    ],
    unknown: [],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html',
        of: 'lives, ten tokens in ten minutes',
      },
      { url: 'https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html', of: 'limits of CRM' },
      { url: 'https://www.zoho.com/pdfeditor/help/api/oauth-step4.html', of: 'regions, and the answer' },
    ],
  },
};
