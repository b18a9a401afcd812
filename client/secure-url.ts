import { TokenError } from './token-error.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** True for this machine's own addresses. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}

/** RFC 6750 §5.3: tokens travel by TLS; on one's own machine they need not. Throws `TokenError`. */
export function assertSecure(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return;
  throw new TokenError('insecure-url', 'A token is sent by https only, or to this machine.');
}

/** The URL of a credential under the base URL of a read API. Throws `TokenError`. */
export function credentialUrl(base: string, credential: string): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (!url || url.username || url.password || url.search || url.hash || !/^https?:$/.test(url.protocol)) {
    const message =
      'url: expected the base URL of the read API, such as the stack\'s output "ReadApiUrl", without user, query and fragment.';
    throw new TokenError('invalid-option', message);
  }
  assertSecure(url);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/tokens/${encodeURIComponent(credential)}`;
}
