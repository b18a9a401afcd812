import { isIPv4 } from 'node:net';

/** Whether the host of a URL is this machine: localhost, 127.0.0.0/8 or [::1], as `URL` writes them. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}
