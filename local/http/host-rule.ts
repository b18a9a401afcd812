import type { IncomingMessage } from 'node:http';

/** Why a request is not answered, and with which status. */
export interface HostRefusal {
  readonly status: 400 | 403;
  readonly code: 'invalid-request' | 'forbidden-host';
  readonly message: string;
}

/** Names of this machine, as a client on it writes them. */
const OWN_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * One rule for every server of the local stack: exactly one `Host` (RFC 9112 §3.2), and one of this machine's names or
 * of `allowed`. A web page may not come in by giving its own name the address 127.0.0.1 (DNS rebinding): its requests
 * still carry that name. Undefined: the request may be answered.
 */
export function hostRefusal(
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  allowed: readonly string[] = [],
): HostRefusal | undefined {
  const hosts = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host');
  const [host] = hosts;
  if (host === undefined) return invalid('Host: is missing.');
  if (hosts.length > 1) return invalid('Host: expected one.');
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if ([...OWN_NAMES, ...allowed.map((each) => each.toLowerCase())].includes(name)) return undefined;
  return {
    status: 403,
    code: 'forbidden-host',
    message:
      'Host: expected 127.0.0.1 or localhost, or a name that the stack was started with (--allow-host).',
  };
}

const invalid = (message: string): HostRefusal => ({ status: 400, code: 'invalid-request', message });
