import { isIP } from 'node:net';

/** RFC 1035 §2.3.4. */
const MAX_NAME_LENGTH = 253;
/** As `URL` writes a name: in small letters, and what is not ASCII as `xn--…`. Some zones have names with `_`. */
const LABEL = /^[\w-]{1,63}$/;

/**
 * True for an address, or a name that DNS and TLS can carry: at most 253 characters, in labels of 1 to 63 letters,
 * digits, `-` and `_`. No other may
 * reach `tls.connect`: a server name that OpenSSL refuses leaves an error behind in its queue, and the next AES-GCM
 * operation of Web Crypto then aborts the whole process (Node 24).
 *
 * @param host of a URL; an IPv6 address in brackets or without.
 */
export function isServerName(host: string): boolean {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return true;
  const name = withoutRootDot(host);
  return name.length <= MAX_NAME_LENGTH && name.split('.').every((label) => LABEL.test(label));
}

/** A name as it is sent in the handshake: without the dot of the root (RFC 6066 §3). */
export function withoutRootDot(host: string): string {
  return host.replace(/\.$/, '');
}
