import * as oauth from 'oauth4webapi';
import { CommandFailure } from '../errors.ts';
import { printable } from '../format/printable.ts';

/** One login of a person in a browser: what it is sent with, and what its redirect is held against. */
export interface Authorization {
  readonly url: URL;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeVerifier: string;
  readonly server: oauth.AuthorizationServer;
  readonly clientId: string;
}

export interface AuthorizationParts {
  readonly server: oauth.AuthorizationServer;
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Begins a login: authorization code with PKCE (RFC 7636) and a `state` of its own (RFC 6749 §10.12). */
export async function beginAuthorization(parts: AuthorizationParts): Promise<Authorization> {
  const { server, authorizeUrl, clientId, redirectUri, scope, parameters } = parts;
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(authorizeUrl);
  const own = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(scope !== undefined && { scope }),
  };
  for (const [name, value] of Object.entries({ ...parameters, ...own })) url.searchParams.set(name, value);
  return { url, redirectUri, state, codeVerifier, server, clientId };
}

/** What the redirect of a login brought. */
export interface Redirected {
  readonly code: string;
  /** Its other members (`realmId`), which some API calls need. */
  readonly members: Readonly<Record<string, string>>;
}

/**
 * Reads the redirect. Throws a {@link CommandFailure} for one that is not the answer to this login (RFC 6749 §4.1.2,
 * RFC 9207), and for the provider's refusal, of which it repeats the code alone.
 */
export function readRedirect({ server, clientId, state }: Authorization, url: URL): Redirected {
  const given = url.searchParams;
  if (given.get('state') !== state) {
    throw new CommandFailure(
      'other-state',
      'the redirect is not the answer to this login (its state is another); nothing was changed',
      'Log in again, in the browser window that this command opens.',
    );
  }
  try {
    oauth.validateAuthResponse(server, { client_id: clientId }, url, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) throw refused(error.error);
    throw new CommandFailure(
      'unusable-redirect',
      'the redirect is no answer that OAuth 2 allows (RFC 6749 §4.1.2); nothing was changed',
      'Log in again; if it is the same, ask the provider.',
    );
  }
  const code = given.get('code');
  if (!code) {
    throw new CommandFailure('no-code', 'the redirect brought no code; nothing was changed', 'Log in again.');
  }
  const others = [...given].filter(([name]) => !['code', 'state', 'iss', 'scope'].includes(name));
  return { code, members: Object.fromEntries(others) };
}

function refused(error: string): CommandFailure {
  const code = /^[\w.-]{1,64}$/.test(error) ? error : 'an error';
  const why =
    code === 'access_denied'
      ? 'the provider was told not to allow it (access_denied)'
      : `the provider refused the login (${printable(code)})`;
  return new CommandFailure(
    'login-refused',
    `${why}; nothing was changed`,
    'Log in again; check client id, scope and redirect address at the provider if it is the same.',
  );
}

/**
 * Where the server says that its authorization and token endpoints are (RFC 8414, OpenID Connect Discovery). Rejects
 * with a {@link CommandFailure}.
 */
export async function discover(issuer: string, allowHttp: boolean): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    try {
      const answer = await oauth.discoveryRequest(url, {
        algorithm,
        [oauth.allowInsecureRequests]: allowHttp && url.protocol === 'http:',
        signal: AbortSignal.timeout(15_000),
      });
      return await oauth.processDiscoveryResponse(url, answer);
    } catch {
      // The other place is asked too; what it was is told as one.
    }
  }
  throw new CommandFailure(
    'no-metadata',
    'no metadata of an authorization server was found at --issuer',
    'Give --authorize-url and --token-url instead.',
  );
}
