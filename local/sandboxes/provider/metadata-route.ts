import { jsonAnswer } from './http-answer.ts';
import { originOf, type ProviderPaths } from './provider-paths.ts';
import type { ProviderRules } from './rules.ts';
import type { Handler } from './sandbox-routes.ts';

/** RFC 8414 §3, and OpenID Connect Discovery §4: the sandbox answers both with the same. */
const WELL_KNOWN = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'] as const;

const AUTH_METHODS: Readonly<Record<ProviderRules['clientAuth'][number], string>> = {
  post: 'client_secret_post',
  basic: 'client_secret_basic',
  none: 'none',
};

/** The metadata of the authorization server: where what is, and how it is asked. */
export function metadataHandlers(paths: ProviderPaths, rules: ProviderRules): Record<string, Handler> {
  const answer: Handler = (request) => jsonAnswer(200, metadataOf(originOf(request), paths, rules));
  return Object.fromEntries(WELL_KNOWN.map((path) => [`GET ${paths.prefix}${path}`, answer]));
}

function metadataOf(
  origin: string,
  { prefix, token, authorize, device }: ProviderPaths,
  rules: ProviderRules,
): object {
  return {
    issuer: `${origin}${prefix}`,
    token_endpoint: `${origin}${token[0]}`,
    ...(authorize && {
      authorization_endpoint: `${origin}${authorize[0]}`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
    }),
    ...(device && { device_authorization_endpoint: `${origin}${device.path}` }),
    grant_types_supported: rules.grants,
    token_endpoint_auth_methods_supported: rules.clientAuth.map((way) => AUTH_METHODS[way]),
  };
}
