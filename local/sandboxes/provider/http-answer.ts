import type { IncomingMessage, ServerResponse } from 'node:http';

/** A whole HTTP answer, still to be sent (or, by a fault, not). */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer in JSON that no cache keeps. Its line ends, so that the prompt after a `curl` begins on the next. */
export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
      ...headers,
    },
    body: `${JSON.stringify(value)}\n`,
  };
}

/** An error in the words of RFC 6749 §5.2, which the sandbox's own routes use too. */
export function errorAnswer(
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
): Answer {
  return jsonAnswer(status, { error, error_description: description }, headers);
}

/** Sends the answer, unless the connection has gone. */
export function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  // A 204 has no length (RFC 9110 §8.6).
  const length = answer.status === 204 ? {} : { 'Content-Length': Buffer.byteLength(answer.body) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(answer.body);
}

const BODY_LIMIT_BYTES = 64 * 1024;

/** The body is longer than the sandbox reads. */
export class BodyTooLongError extends Error {
  override readonly name = 'BodyTooLongError';
  readonly code = 'body-too-long';
}

/** Reads the whole body. Rejects with {@link BodyTooLongError}, or with the stream's error if the client left. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop early must not destroy the connection: the refusal still goes out on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > BODY_LIMIT_BYTES)
      throw new BodyTooLongError(`body: expected at most ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
