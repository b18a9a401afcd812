import * as oauth from 'oauth4webapi';
import { Secret } from '../../secret/secret.ts';
import type { TlsMaterial } from '../connection/fresh-socket.ts';
import type { RequestMethod } from '../request-body.ts';
import type { ClientSecret, LoginCode, Outcome, TokenRequest } from '../token-endpoint.ts';
import { assertTokenUrl, InvalidTokenUrlError } from '../token-url.ts';
import { clientAuthentication } from './client-authentication.ts';
import { IncompleteTokenRequestError, type MissingPart, UnusablePartError } from './request-errors.ts';
import { isHeader, isOwnHeader } from './request-headers.ts';
import { tlsMaterial } from './tls-material.ts';

/** A token request as it goes over the wire. What is secret in it is a Secret, so that it can be inspected. */
export interface BuiltTokenRequest {
  readonly method: RequestMethod;
  /** Where to connect to. Its path and query are in `target`, with what is secret in them. */
  readonly url: URL;
  /** Path and query. */
  readonly target: Secret;
  /** Lower-case names; none that is in `secretHeaders`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case names: `authorization` with HTTP Basic, and those of the client secret. */
  readonly secretHeaders: Readonly<Record<string, Secret>>;
  /** Empty when the parameters are in the query. */
  readonly body: Secret;
  readonly tls: TlsMaterial;
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/**
 * Builds one token request (RFC 6749 §4.3.2, §4.4.2, §6) without sending it: the library puts it together
 * and authenticates it, but is handed a fetch that only takes notes. It never sees an answer, because its
 * parser refuses answers that have already spent the refresh token and puts them into its errors (I3, I7).
 * Rejects with {@link InvalidTokenUrlError}, {@link IncompleteTokenRequestError} or {@link UnusablePartError}.
 *
 * @param nowMs wall time, for signed assertions.
 */
export async function buildTokenRequest(request: TokenRequest, nowMs: number): Promise<BuiltTokenRequest> {
  const url = assertTokenUrl(request.tokenUrl);
  const clientAuth = clientAuthentication(request, url, nowMs);
  const tls = tlsMaterial(request);
  const given = givenHeaders(request);
  const authenticated = await authenticate(request, url, clientAuth);
  const { authorization, ...headers } = authenticated.headers;
  const carried = carry(request, url, authenticated.parameters);
  return {
    method: request.body === 'query' ? (request.method ?? 'POST') : 'POST',
    url,
    target: new Secret(carried.target),
    headers: { ...headers, ...given.headers, ...carried.headers },
    secretHeaders: {
      ...given.secretHeaders,
      ...(authorization !== undefined && { authorization: new Secret(authorization) }),
    },
    body: new Secret(carried.body),
    tls,
  };
}

/**
 * What a request that cannot be built comes to: nothing was spent, and the settings must be corrected before
 * it makes sense to try again. An error of the library's ends here too: its text may hold what it was given.
 */
export function outcomeOfUnbuildable(error: unknown): Outcome {
  if (error instanceof InvalidTokenUrlError) return { kind: 'refused-client', reason: error.code };
  if (error instanceof IncompleteTokenRequestError) {
    return { kind: 'refused-client', reason: `missing-${error.missing}` };
  }
  if (error instanceof UnusablePartError) return { kind: 'refused-client', reason: `invalid-${error.part}` };
  return { kind: 'refused-client', reason: 'unbuildable-request' };
}

interface Authenticated {
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: URLSearchParams;
}

async function authenticate(
  request: TokenRequest,
  url: URL,
  clientAuth: oauth.ClientAuth,
): Promise<Authenticated> {
  let authenticated: Authenticated | undefined;
  await oauth.genericTokenEndpointRequest(
    { issuer: url.origin, token_endpoint: url.href },
    { client_id: request.client.clientId || 'unused' },
    clientAuth,
    grantType(request),
    grantParameters(request),
    {
      // assertTokenUrl has let plain http through for loopback only.
      [oauth.allowInsecureRequests]: url.protocol === 'http:',
      // Node does not unpack bodies by itself, and a cut-off compressed body is harder to save.
      headers: { 'accept-encoding': 'identity', 'user-agent': request.userAgent ?? 'renova' },
      [oauth.customFetch]: async (_href, { headers, body }) => {
        const { 'content-type': _, ...others } = headers;
        authenticated = { headers: others, parameters: new URLSearchParams(String(body)) };
        return new Response(null, { status: 204 });
      },
    },
  );
  if (authenticated === undefined) throw new TypeError('the OAuth library sent no request');
  return authenticated;
}

/** RFC 8628 §3.4. */
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** A provider's own name for a login is never one for a refresh. */
function grantType({ grant, grantType, code }: TokenRequest): string {
  if (code) return 'deviceCode' in code ? DEVICE_GRANT : 'authorization_code';
  return grant === 'refresh_token' ? grant : (grantType ?? grant);
}

/** `extra` comes first, so that it can add to a request but never replace what makes it one. */
function grantParameters(request: TokenRequest): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(request.extra)) {
    for (const each of typeof value === 'string' ? [value] : value) parameters.append(name, each);
  }
  if (request.code) {
    setCode(parameters, request.code);
    return parameters;
  }
  if (request.scope !== undefined && request.scope !== '') parameters.set('scope', request.scope);
  switch (request.grant) {
    case 'refresh_token':
      parameters.set('refresh_token', revealed(request.refreshToken, 'refresh-token', 'grant refresh_token'));
      break;
    case 'password':
      setLogin(parameters, request.client);
      break;
    case 'client_credentials':
      break;
  }
  return parameters;
}

function setCode(parameters: URLSearchParams, code: LoginCode): void {
  if ('deviceCode' in code) {
    parameters.set('device_code', code.deviceCode.reveal());
    return;
  }
  parameters.set('code', code.code.reveal());
  parameters.set('redirect_uri', code.redirectUri);
  parameters.set('code_verifier', code.codeVerifier.reveal());
}

function setLogin(parameters: URLSearchParams, client: ClientSecret): void {
  if (!client.username) throw new IncompleteTokenRequestError('username', 'grant password');
  const { network, username } = client;
  // "If the user entered the network name …, the network name is included in the username" (BSN).
  parameters.set('username', network === undefined ? username : `${network}/${username}`);
  parameters.set('password', revealed(client.password, 'password', 'grant password'));
}

function revealed(secret: Secret | undefined, part: MissingPart, neededBy: string): string {
  const value = secret?.reveal();
  if (!value) throw new IncompleteTokenRequestError(part, neededBy);
  return value;
}

interface Carried {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The type of a form has no parameter, and servers that compare it whole refuse one (415). */
function carry({ body = 'form' }: TokenRequest, url: URL, parameters: URLSearchParams): Carried {
  const target = `${url.pathname}${url.search}`;
  switch (body) {
    case 'form':
      return { target, headers: { 'content-type': FORM_TYPE }, body: String(parameters) };
    case 'json':
      return { target, headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(asObject(parameters)) };
    case 'query': {
      const separator = url.search === '' ? '?' : '&';
      return { target: `${target}${separator}${parameters}`, headers: {}, body: '' };
    }
  }
}

/** A parameter that comes more than once is a list. */
function asObject(parameters: URLSearchParams): Record<string, string | readonly string[]> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [only = '', ...others] = parameters.getAll(name);
      return [name, others.length === 0 ? only : [only, ...others]];
    }),
  );
}

/** The headers of settings and client secret, each checked: a line break in one would begin another. */
function givenHeaders({ client, clientAuth, headers = {}, userAgent }: TokenRequest) {
  const secret = Object.entries(client.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const open = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const isFree = (name: string) =>
    !isOwnHeader(name) && !(name === 'authorization' && clientAuth === 'basic');
  const secretNames = new Set(secret.map(([name]) => name));
  const isSound =
    open.every(([name, value]) => isFree(name) && isHeader(name, value) && !secretNames.has(name)) &&
    secret.every(([name, value]) => isFree(name) && isHeader(name, value.reveal())) &&
    isHeader('user-agent', userAgent ?? 'renova');
  if (!isSound)
    throw new UnusablePartError('header', 'names and values that HTTP allows, and none of its own');
  return { headers: Object.fromEntries(open), secretHeaders: Object.fromEntries(secret) };
}
