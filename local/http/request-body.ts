import type { IncomingMessage } from 'node:http';

/** The body is longer than this server reads. */
export class BodyTooLongError extends Error {
  override readonly name = 'BodyTooLongError';
  readonly code = 'body-too-long';
}

/**
 * Reads the whole body. Rejects with {@link BodyTooLongError}, and with the stream's error if the client
 * left. The connection stays usable for an answer; send `Connection: close` with a refusal, because what
 * is left of the body is not read.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > limitBytes) throw new BodyTooLongError(`body: expected at most ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
