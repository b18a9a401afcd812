import { Secret } from '../../secret/secret.ts';
import type { BuiltTokenRequest } from './token-request.ts';

/** A request as it is written into the connection (RFC 9112 §3), which is closed after its answer. */
export function requestText({
  method,
  url,
  target,
  headers,
  secretHeaders,
  body,
}: BuiltTokenRequest): Secret {
  const text = body.reveal();
  const all: Readonly<Record<string, string>> = {
    host: url.host,
    ...headers,
    ...Object.fromEntries(Object.entries(secretHeaders).map(([name, value]) => [name, value.reveal()])),
    // RFC 9110 §8.6: a POST says that its body is empty, a GET has none.
    ...(method === 'POST' && { 'content-length': String(Buffer.byteLength(text)) }),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Secret(`${method} ${target.reveal()} HTTP/1.1\r\n${lines.join('')}\r\n${text}`);
}
