import { everywhere, type KnownProvider } from '../profile.ts';

/** Zendesk: refresh tokens of 30 days; each refresh ends the pair before. */
export const zendesk: KnownProvider = {
  provider: 'zendesk',
  tokenUrl: everywhere('https://{subdomain}.zendesk.com/oauth/tokens'),
  login: { authorizeUrl: everywhere('https://{subdomain}.zendesk.com/oauth/authorizations/new') },
  grants: ['refresh_token'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: everywhere(1800),
  accessTokensAlive: 1,
  refreshTokenSeconds: 30 * 86_400,
  refreshTokenRotation: 'always',
  refreshTokenGraceSeconds: 0,
  // Clients that were made before 2026-04-30 give out tokens without an end unless one is asked for.
  extra: { expires_in: '1800' },
  knowledge: {
    title: 'Zendesk',
    firstToken: 'A user authorises the OAuth client of the account.',
    endsEarly: [
      '30 days without a refresh.',
      'A refresh that somebody else makes: the pair before is deleted.',
    ],
    notes: [
      'expires_in is sent, because clients made before 2026-04-30 give out tokens that do not end without it.',
    ],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://support.zendesk.com/hc/en-us/articles/9182123625370',
        of: 'the refresh token grant, and that a refresh deletes the pair before',
      },
      {
        url: 'https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/',
        of: 'the request',
      },
    ],
  },
};
