import { everywhere, type KnownProvider } from '../profile.ts';

/** Zoom, apps of users: the last refresh token alone works. */
export const zoom: KnownProvider = {
  provider: 'zoom',
  tokenUrl: everywhere('https://zoom.us/oauth/token'),
  login: {
    authorizeUrl: everywhere('https://zoom.us/oauth/authorize'),
    deviceUrl: everywhere('https://zoom.us/oauth/devicecode'),
  },
  grants: ['refresh_token'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(3600),
  refreshTokenRotation: 'always',
  refreshTokenGraceSeconds: 0,
  knowledge: {
    title: 'Zoom (apps of users)',
    firstToken: 'A user authorises the app.',
    endsEarly: [
      'A refresh that somebody else makes: a token before the last one is refused.',
      'The app is removed.',
    ],
    notes: [
      'Pages of Zoom give refresh tokens 15 years, others about 90 days: give --refresh-token-seconds 7776000 to be warned.',
    ],
    unknown: ['refresh-token-life', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://devsupport.zoom.us/hc/en-us/articles/360060332931',
        of: 'life of access tokens, HTTP Basic, the last refresh token alone',
      },
      {
        url: 'https://documentation.sailpoint.com/connectors/saas/zoom/help/saas_connectivity/zoom/grant_type_refresh_token.html',
        of: 'rotation',
        secondHand: true,
      },
    ],
  },
};
