import { everywhere, type KnownProvider } from './profile.ts';

/**
 * Any server that does OAuth 2 (RFC 6749): the operator says where it is and what is special about it. HTTP
 * Basic is what every such server must support (§2.3.1). An answer without `expires_in` is taken to live for
 * an hour, unless `access_token_seconds` says otherwise; no end of the refresh token and no quota are known.
 */
export const oauth2: KnownProvider = {
  provider: 'oauth2',
  grants: ['refresh_token', 'client_credentials', 'password'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(60 * 60),
  knowledge: {
    title: 'Any other OAuth 2 server',
    firstToken: 'As its pages say: mostly a login of a user, or a client that logs in by itself.',
    endsEarly: ['Whatever its pages say.'],
    unknown: ['authorize-url', 'access-token-life', 'refresh-token-life', 'rotation', 'grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [{ url: 'https://www.rfc-editor.org/rfc/rfc6749', of: 'what every server has in common' }],
  },
};
