import { everywhere, type KnownProvider } from '../profile.ts';

/** Gong: parameters in the query, an empty body, HTTP Basic. */
export const gong: KnownProvider = {
  provider: 'gong',
  tokenUrl: everywhere('https://app.gong.io/oauth2/generate-customer-token'),
  login: { authorizeUrl: everywhere('https://app.gong.io/oauth2/authorize') },
  grants: ['refresh_token'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(86_400),
  refreshTokenRotation: 'always',
  body: 'query',
  fields: ['api_base_url_for_customer'],
  knowledge: {
    title: 'Gong',
    firstToken: 'An administrator authorises the app.',
    endsEarly: ['An administrator who removes the app.'],
    notes: [
      'API calls go to api_base_url_for_customer.',
      'A day of life is a guess for answers that state none.',
    ],
    unknown: ['access-token-life', 'refresh-token-life', 'grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://github.com/airbytehq/airbyte-python-cdk',
        of: 'the request, and that refresh tokens are replaced',
        secondHand: true,
      },
    ],
  },
};
