import { BlockList, isIP, isIPv4 } from 'node:net';

/** Whether the host of a URL is this machine: localhost, 127.0.0.0/8 or [::1], as `URL` writes them. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}

/**
 * Whether a connection to the host of a URL may end at this machine, by whatever name: what {@link isLoopback} knows,
 * names under localhost, unspecified and link-local addresses (a machine's own services have 169.254.169.254), and all
 * of them as IPv6.
 */
export function reachesThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return isIP(host) !== 0 && OWN_ADDRESSES.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');
}

/** It compares an IPv4 address within an IPv6 one (`::ffff:7f00:1`) as IPv4. */
const OWN_ADDRESSES = new BlockList();
OWN_ADDRESSES.addSubnet('0.0.0.0', 8);
OWN_ADDRESSES.addSubnet('127.0.0.0', 8);
OWN_ADDRESSES.addSubnet('169.254.0.0', 16);
// Unspecified, loopback, and IPv4 in its old writing (RFC 4291 §2.5.5.1).
OWN_ADDRESSES.addSubnet('::', 96, 'ipv6');
OWN_ADDRESSES.addSubnet('fe80::', 10, 'ipv6');
