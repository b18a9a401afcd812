import { everywhere, type KnownProvider } from '../profile.ts';

/** Google: refresh tokens that stay, and end after six months unused. */
export const google: KnownProvider = {
  provider: 'google',
  tokenUrl: everywhere('https://oauth2.googleapis.com/token'),
  login: {
    authorizeUrl: everywhere('https://accounts.google.com/o/oauth2/v2/auth'),
    deviceUrl: everywhere('https://oauth2.googleapis.com/device/code'),
    parameters: { access_type: 'offline', prompt: 'consent' },
  },
  grants: ['refresh_token'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: everywhere(3599),
  refreshTokenSeconds: 180 * 86_400,
  refreshTokenLifetime: 'sliding',
  refreshTokenRotation: 'never',
  knowledge: {
    title: 'Google',
    firstToken: 'A user authorises the app with access_type=offline and prompt=consent.',
    endsEarly: [
      'Seven days, while the app is in “Testing”: give --refresh-token-seconds 604800 --refresh-token-lifetime absolute.',
      'Six months without a refresh.',
      'The 101st refresh token of an account for one client ends the oldest.',
      'A user who changes the password, where a scope of Gmail was granted, or withdraws the access.',
    ],
    notes: ['refresh_token_expires_in comes only where a user granted access for a time.'],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://developers.google.com/identity/protocols/oauth2#expiration',
        of: 'what ends a refresh token',
        secondHand: true,
      },
    ],
  },
};
