import { everywhere, type KnownProvider } from '../profile.ts';

/** Spotify: a chain ends six months after the consent, whatever is refreshed. */
export const spotify: KnownProvider = {
  provider: 'spotify',
  tokenUrl: everywhere('https://accounts.spotify.com/api/token'),
  login: { authorizeUrl: everywhere('https://accounts.spotify.com/authorize') },
  grants: ['refresh_token', 'client_credentials'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(3600),
  refreshTokenSeconds: 182 * 86_400,
  refreshTokenLifetime: 'absolute',
  refreshTokenRotation: 'sometimes',
  knowledge: {
    title: 'Spotify',
    firstToken: 'A user authorises the app; with PKCE the client id goes into the body (client_auth none).',
    endsEarly: [
      'Six months after the user’s consent; a refresh does not move that.',
      'A user who removes the app.',
    ],
    notes: ['Give --refresh-token-issued-at, when the consent is older than the registration.'],
    unknown: ['grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration',
        of: 'six months from the consent',
      },
      {
        url: 'https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens',
        of: 'lives, and the request',
      },
    ],
  },
};
