import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Whom a provider lets in at all, before it looks at a request. */
export interface GateRules {
  /** The value of `User-Agent` that every request must have (BS2 gives its customers a code). Absent: any. */
  readonly userAgent?: string;
  /** The addresses and networks (CIDR) that the customer has entered. Absent: all. */
  readonly addresses?: readonly string[];
}

/** BS2's own way to enter every address. */
const EVERYBODY = '0.0.0.0/32';

/** Why a request is not let in, in words for the answer; undefined: it is. Pure. */
export function gateRefusal(
  { userAgent, addresses }: GateRules,
  request: { readonly userAgent: string | undefined; readonly address: string | undefined },
): string | undefined {
  if (addresses && !isEntered(addresses, request.address ?? '')) {
    return 'address: expected one of those that were entered for this application';
  }
  if (userAgent !== undefined && request.userAgent !== userAgent) {
    return 'User-Agent: expected the code that was given to this customer';
  }
  return undefined;
}

/** {@link gateRefusal} of a request as it came in. */
export function refusalOf(rules: GateRules, request: IncomingMessage): string | undefined {
  const { headers, socket } = request;
  return gateRefusal(rules, { userAgent: headers['user-agent'], address: socket.remoteAddress });
}

/** True for an address, or a network as `address/prefix`. */
export function isAddressOrNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  if (bits < 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

function isEntered(addresses: readonly string[], from: string): boolean {
  if (addresses.includes(EVERYBODY)) return true;
  const entered = new BlockList();
  for (const each of addresses) {
    const [address = '', prefix] = each.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) entered.addAddress(address, family);
    else entered.addSubnet(address, Number(prefix), family);
  }
  const mapped = from.replace(/^::ffff:(?=\d+\.)/i, '');
  return entered.check(mapped, isIPv4(mapped) ? 'ipv4' : 'ipv6');
}
