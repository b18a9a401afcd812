import { validateHeaderName, validateHeaderValue } from 'node:http';

/** What HTTP needs for itself, and what Renova sets by other settings. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/**
 * True for a header that no setting may add to a token request: HTTP or Renova owns it. `authorization` belongs to the
 * client authentication `basic`, and is free with any other. Pure.
 */
export function isOwnHeader(name: string): boolean {
  return OWN_HEADERS.has(name.toLowerCase());
}

/** True if name and value can be sent as a header (RFC 9110 §5): a line break in either would begin another. Pure. */
export function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
