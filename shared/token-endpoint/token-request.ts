import * as oauth from 'oauth4webapi';
import { Secret } from '../secret/secret.ts';
import type { ClientSecret, Outcome, TokenRequest } from './token-endpoint.ts';
import { assertTokenUrl, InvalidTokenUrlError } from './token-url.ts';

/** A token request as it goes over the wire. What is secret in it is a Secret, so that it can be inspected. */
export interface BuiltTokenRequest {
  readonly method: 'POST';
  readonly url: URL;
  /** Lower-case names; without `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Value of the `authorization` header, with HTTP Basic. */
  readonly authorization?: Secret;
  /** Form-urlencoded. */
  readonly body: Secret;
}

export type MissingPart = 'client-id' | 'client-secret' | 'username' | 'password' | 'refresh-token';

/** A part that the grant or the client authentication needs is absent or empty. */
export class IncompleteTokenRequestError extends Error {
  readonly code = 'incomplete-token-request';
  override readonly name = 'IncompleteTokenRequestError';
  readonly missing: MissingPart;

  constructor(missing: MissingPart, neededBy: string) {
    super(
      `${missing.replace('-', '_')}: expected a value, because ${neededBy} needs it; update the credential`,
    );
    this.missing = missing;
  }
}

/**
 * Builds one token request (RFC 6749 §4.3.2, §4.4.2, §6) without sending it: the library puts it together
 * and authenticates it, but is handed a fetch that only takes notes. It never sees an answer, because its
 * parser refuses answers that have already spent the refresh token and puts them into its errors (I3, I7).
 * Rejects with {@link InvalidTokenUrlError} or {@link IncompleteTokenRequestError}.
 */
export async function buildTokenRequest(request: TokenRequest): Promise<BuiltTokenRequest> {
  const url = assertTokenUrl(request.tokenUrl);
  const clientAuth = clientAuthentication(request);
  const parameters = grantParameters(request);
  let built: BuiltTokenRequest | undefined;
  await oauth.genericTokenEndpointRequest(
    { issuer: url.origin, token_endpoint: url.href },
    { client_id: request.client.clientId || 'unused' },
    clientAuth,
    request.grant,
    parameters,
    {
      // assertTokenUrl has let plain http through for loopback only.
      [oauth.allowInsecureRequests]: url.protocol === 'http:',
      // Node does not unpack bodies by itself, and a cut-off compressed body is harder to save.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'renova' },
      [oauth.customFetch]: async (_href, { headers, body }) => {
        const { authorization, ...harmless } = headers;
        built = {
          method: 'POST',
          url,
          headers: harmless,
          authorization: authorization === undefined ? undefined : new Secret(authorization),
          body: new Secret(String(body)),
        };
        return new Response(null, { status: 204 });
      },
    },
  );
  if (built === undefined) throw new TypeError('the OAuth library sent no request');
  return built;
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
  return { kind: 'refused-client', reason: 'unbuildable-request' };
}

function clientAuthentication({ clientAuth, client }: TokenRequest): oauth.ClientAuth {
  if (clientAuth === 'none') {
    // The legacy BSN server knows no clients at all: an empty id is left out, not sent empty.
    return client.clientId === '' ? () => undefined : oauth.None();
  }
  const neededBy = `client_auth ${clientAuth}`;
  if (client.clientId === '') throw new IncompleteTokenRequestError('client-id', neededBy);
  const clientSecret = revealed(client.clientSecret, 'client-secret', neededBy);
  return clientAuth === 'basic'
    ? (_server, { client_id }, _body, headers) => headers.set('authorization', basic(client_id, clientSecret))
    : oauth.ClientSecretPost(clientSecret);
}

/**
 * RFC 6749 §2.3.1 wants both parts form-urlencoded, and many servers do not decode them. The library encodes even
 * the dashes of a GUID, which those servers then take for a wrong client. What needs no encoding is left as it is,
 * and so reads the same on either: only what decoding would change (`%`, `+`), what separates (the first `:`) and
 * what is not ASCII is encoded.
 */
function basic(clientId: string, clientSecret: string): string {
  const id = encodeWhereNeeded(clientId, /[%+:]|[^\x20-\x7e]+/g);
  const secret = encodeWhereNeeded(clientSecret, /[%+]|[^\x20-\x7e]+/g);
  return `Basic ${btoa(`${id}:${secret}`)}`;
}

function encodeWhereNeeded(text: string, needing: RegExp): string {
  return text.replaceAll(needing, (part) => encodeURIComponent(part));
}

/** `extra` comes first, so that it can add to a request but never replace what makes it one. */
function grantParameters(request: TokenRequest): URLSearchParams {
  const parameters = new URLSearchParams(request.extra);
  if (request.scope !== undefined && request.scope !== '') parameters.set('scope', request.scope);
  if (request.grant === 'refresh_token') {
    parameters.set('refresh_token', revealed(request.refreshToken, 'refresh-token', 'grant refresh_token'));
  }
  if (request.grant === 'password') setLogin(parameters, request.client);
  return parameters;
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
