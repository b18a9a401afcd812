import type { ServerResponse } from 'node:http';

/** An answer of the read API, still to be sent. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A 200 in JSON that no cache keeps. */
export function jsonApiAnswer(value: object): ApiAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: jsonLine(value),
  };
}

/** An error in the form of RFC 9457. */
export function problem(status: number, code: string, detail: string): ApiAnswer {
  const body = { type: 'about:blank', title: code.replaceAll('-', ' '), status, code, detail };
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: jsonLine(body),
  };
}

/** The line ends, so that the prompt after a `curl` begins on the next. */
function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** Sends the answer, unless the connection has gone. */
export function sendApi(response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  if (response.destroyed) return;
  const mayHaveBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    ...headers,
    ...(mayHaveBody ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
  });
  response.end(mayHaveBody ? body : undefined);
}
