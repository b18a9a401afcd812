import { everywhere, type KnownProvider } from '../profile.ts';

/** HubSpot: tokens of half an hour; the old endpoint ends in February 2027. */
export const hubspot: KnownProvider = {
  provider: 'hubspot',
  tokenUrl: everywhere('https://api.hubapi.com/oauth/2026-03/token'),
  login: { authorizeUrl: everywhere('https://app.hubspot.com/oauth/authorize') },
  grants: ['refresh_token'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: everywhere(1800),
  fields: ['hub_id', 'user_id'],
  knowledge: {
    title: 'HubSpot',
    firstToken: 'A user installs the app in the account.',
    endsEarly: ['The app is uninstalled.'],
    notes: [
      '/oauth/v1/token ends on 2027-02-16; /oauth/v3/token and /oauth/2026-03/token take its place, with all parameters in the body.',
      'Access tokens are up to 300 characters long, and grow.',
    ],
    unknown: ['refresh-token-life', 'rotation', 'grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://developers.hubspot.com/changelog/v1-oauth-api-deprecation',
        of: 'the end of the old endpoint',
      },
      {
        url: 'https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide',
        of: 'endpoint, body and lives',
      },
    ],
  },
};
