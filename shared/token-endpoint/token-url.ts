import { isLoopback } from '../config/loopback.ts';
import { isServerName } from './connection/server-name.ts';

/** The configured token URL cannot be posted to safely. The message never repeats the URL: it may hold a password. */
export class InvalidTokenUrlError extends Error {
  readonly code = 'invalid-token-url';
  override readonly name = 'InvalidTokenUrlError';
}

/**
 * Parses a token URL, or throws {@link InvalidTokenUrlError}: it must be absolute, https (plain http only to
 * loopback: 127.0.0.0/8, ::1, localhost), with a host that DNS can carry, without credentials in it and without a
 * fragment (RFC 6749 §3.2).
 * A query is allowed and kept, as the RFC demands.
 */
export function assertTokenUrl(tokenUrl: string): URL {
  const url = URL.parse(tokenUrl);
  if (url === null) throw refused('expected an absolute URL such as https://provider.example/oauth/token');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw refused('expected https (plain http is accepted only for localhost, 127.0.0.0/8 and [::1])');
  }
  if (!isServerName(url.hostname)) {
    throw refused(
      'expected a host of at most 253 characters, each part of it 1 to 63 letters, digits, - and _',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('expected no user or password in the URL; put them into the client secret');
  }
  if (url.hash !== '' || url.href.endsWith('#')) throw refused('expected no fragment (#…); remove it');
  return url;
}

function refused(expectation: string): InvalidTokenUrlError {
  return new InvalidTokenUrlError(`token_url: ${expectation}`);
}
