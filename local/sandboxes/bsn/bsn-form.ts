import { TokenError } from '../provider/token-error.ts';
import { parseParameters, required, type TokenHttpRequest } from '../provider/token-form.ts';

/** A login. `network` is the one that the user name (or the parameter of that name) names. */
export interface BsnLogin {
  readonly grantType: 'password';
  readonly username: string;
  readonly password: string;
  readonly network: string | undefined;
}

/** A refresh: the token is enough. */
export interface BsnRefresh {
  readonly grantType: 'refresh_token';
  readonly refreshToken: string;
}

/**
 * Reads a token request as the BSN document has it: "among other parameters, a username and password pair",
 * "username=exampleNetwork/exampleUser@brightsign.biz", or "the refresh_token value". A client id and secret
 * are taken and not looked at, as the old server does. Throws {@link TokenError}.
 */
export function parseBsnForm(request: TokenHttpRequest): BsnLogin | BsnRefresh {
  const parameters = parseParameters(request);
  switch (required(parameters, 'grant_type')) {
    case 'password': {
      const password = required(parameters, 'password');
      const [, named, username = ''] = /^(?:([^/]*)\/)?(.*)$/s.exec(required(parameters, 'username')) ?? [];
      return { grantType: 'password', username, password, network: named ?? parameters.get('network') };
    }
    case 'refresh_token':
      return { grantType: 'refresh_token', refreshToken: required(parameters, 'refresh_token') };
    default:
      throw new TokenError('unsupported_grant_type', 'grant_type: expected password or refresh_token');
  }
}
