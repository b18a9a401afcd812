import { everywhere, type KnownProvider } from '../profile.ts';

/** Microsoft Entra: a new refresh token each time, and old ones that live on. */
export const entra: KnownProvider = {
  provider: 'entra',
  tokenUrl: everywhere('https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token'),
  login: {
    authorizeUrl: everywhere('https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize'),
    deviceUrl: everywhere('https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode'),
  },
  grants: ['refresh_token', 'client_credentials'],
  clientAuth: 'post',
  scopeRequired: true,
  accessTokenSeconds: everywhere(3600),
  refreshTokenSeconds: 90 * 86_400,
  refreshTokenRotation: 'always',
  refreshTokenGraceSeconds: 'whole-life',
  knowledge: {
    title: 'Microsoft Entra ID',
    firstToken:
      'A user authorises the app with the scope offline_access; an app of its own logs in by itself.',
    endsEarly: [
      'A password that is changed or reset, an account that is switched off, an administrator who revokes sessions.',
      'The end of the client secret or of the certificate of the app.',
      'A day, for refresh tokens of single-page apps.',
    ],
    notes: [
      'Replaced refresh tokens are not revoked: they work to their own end. Keep the last one only.',
      'client_auth private_key_jwt takes the certificate of the app instead of a secret.',
      'client_credentials asks for the scope https://…/.default.',
    ],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens',
        of: 'lives, rotation, and that old tokens are not revoked',
      },
    ],
  },
};
