import { everywhere, type KnownProvider } from '../profile.ts';

/** Zoom, server to server: a login of its own name, by the id of the account. */
export const zoomServer: KnownProvider = {
  provider: 'zoom-server',
  tokenUrl: everywhere('https://zoom.us/oauth/token'),
  grants: ['client_credentials'],
  grantType: 'account_credentials',
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(3600),
  extraRequired: { account_id: 'the id of the account, from the credentials of the app' },
  knowledge: {
    title: 'Zoom (server to server)',
    firstToken: 'The credentials of a server-to-server app in the Zoom App Marketplace.',
    endsEarly: ['The app is switched off.'],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://developers.zoom.us/docs/rooms/s2s-oauth/',
        of: 'the grant account_credentials, life, no refresh token',
      },
    ],
  },
};
