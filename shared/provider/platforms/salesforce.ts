import { everywhere, type KnownProvider } from '../profile.ts';

/** Salesforce: no expires_in, and API calls go to the instance_url of the answer. */
export const salesforce: KnownProvider = {
  provider: 'salesforce',
  tokenUrl: everywhere('https://login.salesforce.com/services/oauth2/token'),
  login: { authorizeUrl: everywhere('https://login.salesforce.com/services/oauth2/authorize') },
  grants: ['refresh_token', 'client_credentials'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: everywhere(7200),
  expiresInAbsent: true,
  fields: ['instance_url', 'id'],
  knowledge: {
    title: 'Salesforce',
    firstToken: 'A user authorises the connected app with the scope refresh_token (offline_access).',
    endsEarly: [
      'An administrator or a user who revokes the access.',
      'The idle limit of refresh tokens, where the owner of the app has set one (30 days, sliding).',
    ],
    notes: [
      'A token lives as long as the session timeout of the org: set access_token_seconds to it. 7200 is only a guess.',
      'client_credentials needs the token URL of the My Domain.',
      'Rotation of refresh tokens is a setting of the app.',
    ],
    unknown: ['access-token-life', 'refresh-token-life', 'rotation', 'grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://help.salesforce.com/s/articleView?id=xcloud.connected_app_limit_idle_ttl.htm',
        of: 'the idle limit',
      },
      {
        url: 'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_understanding_refresh_token_oauth.htm',
        of: 'the answer: instance_url, and no expires_in',
      },
    ],
  },
};
