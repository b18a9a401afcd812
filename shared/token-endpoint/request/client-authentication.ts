import * as oauth from 'oauth4webapi';
import { CLIENT_AUTH_TRAITS, type ClientAuth } from '../client-auth.ts';
import type { ClientSecret, TokenRequest } from '../token-endpoint.ts';
import { signingKey, usualAlgorithm } from './client-assertion.ts';
import { readPrivateKey } from './key-material.ts';
import { IncompleteTokenRequestError, UnusablePartError } from './request-errors.ts';

/** How long an assertion is good for. */
const ASSERTION_SECONDS = 60;

/**
 * What the OAuth library does to prove who the client is. Throws {@link IncompleteTokenRequestError} or
 * {@link UnusablePartError}.
 *
 * @param nowMs wall time, for assertions.
 */
export function clientAuthentication(request: TokenRequest, url: URL, nowMs: number): oauth.ClientAuth {
  const { clientAuth, client } = request;
  assertParts(clientAuth, client);
  const secret = client.clientSecret?.reveal() ?? '';
  switch (clientAuth) {
    case 'none':
      // The legacy BSN server knows no clients at all: an empty id is left out, not sent empty.
      return client.clientId === '' ? () => undefined : oauth.None();
    case 'post':
      return oauth.ClientSecretPost(secret);
    case 'basic':
      // Only here `extra` may hold a client_id: some servers want it in the body too.
      return (_server, { client_id }, _body, headers) =>
        headers.set('authorization', basic(client_id, secret));
    case 'private_key_jwt':
      return assertion(client, url, nowMs);
    case 'tls':
      return oauth.TlsClientAuth();
  }
}

function assertParts(clientAuth: ClientAuth, client: ClientSecret): void {
  const { needs, takesEmptySecret } = CLIENT_AUTH_TRAITS[clientAuth];
  const neededBy = `client_auth ${clientAuth}`;
  for (const part of needs) {
    switch (part) {
      case 'client_id':
        if (client.clientId === '') throw new IncompleteTokenRequestError('client-id', neededBy);
        break;
      case 'client_secret':
        if (client.clientSecret === undefined || (!takesEmptySecret && client.clientSecret.reveal() === '')) {
          throw new IncompleteTokenRequestError('client-secret', neededBy);
        }
        break;
      case 'private_key':
        // The key of a certificate may lie in the same text; whether there is one, the TLS material says.
        if (!client.privateKey && clientAuth !== 'tls') {
          throw new IncompleteTokenRequestError('private-key', neededBy);
        }
        break;
      case 'certificate':
        if (!client.certificate) throw new IncompleteTokenRequestError('certificate', neededBy);
        break;
    }
  }
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

/**
 * RFC 7523 §2.2. The audience is the URL that is posted to, which the RFC names and OpenID Connect Core §9 recommends:
 * the issuer of a server that is only known by its token URL is not known.
 */
function assertion(client: ClientSecret, url: URL, nowMs: number): oauth.ClientAuth {
  const read = client.privateKey && readPrivateKey(client.privateKey);
  if (!read) throw new UnusablePartError('private-key', 'a private key in PEM or as a JWK, not encrypted');
  const algorithm = client.algorithm ?? read.algorithm ?? usualAlgorithm(read.key);
  const key = algorithm === undefined ? undefined : signingKey(read, algorithm);
  if (!key) throw new UnusablePartError('private-key', 'a key that fits client.algorithm');
  const kid = client.keyId ?? read.keyId;
  const nowSeconds = Math.floor(nowMs / 1000);
  return oauth.PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, {
    [oauth.modifyAssertion]: (header, payload) => {
      header.alg = algorithm;
      payload.aud = url.href;
      payload.iat = nowSeconds;
      // A server whose clock is a little behind takes it too.
      delete payload.nbf;
      payload.exp = nowSeconds + ASSERTION_SECONDS;
    },
  });
}
