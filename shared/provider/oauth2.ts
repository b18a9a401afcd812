import type { ProviderProfile } from './profile.ts';

/**
 * Any server that does OAuth 2 (RFC 6749): the operator says where it is and what is special about it. HTTP
 * Basic is what every such server must support (§2.3.1). An answer without `expires_in` is taken to live for
 * an hour, unless `access_token_seconds` says otherwise; no end of the refresh token and no quota are known.
 */
export const oauth2: ProviderProfile = {
  provider: 'oauth2',
  grants: ['refresh_token', 'client_credentials', 'password'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: { hml: 60 * 60, prd: 60 * 60 },
};
