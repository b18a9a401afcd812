import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import dynalite from 'dynalite';

/** DynamoDB in this process, without a port of its own. */
export interface DynamoDb {
  /** Answers a request whose body has been read already. Resolves when the answer is out or the client has gone. */
  handle(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** dynalite, in `path` or in memory. What it has answered survives the end of the process (not of the machine). */
export function openDynamoDb(path?: string): DynamoDb {
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0, path });
  return {
    async handle(request, response, body) {
      const done = new Promise<void>((resolve) => response.once('close', resolve));
      server.emit('request', replayed(request, body), response);
      await done;
    },
    async close() {
      // dynalite closes its store only after a server that listened.
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Headers that dynalite looks at. Without `origin` it never tells a browser that any page may read. */
const HEADERS = ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'] as const;

/**
 * The request again, with its body in hand: dynalite throws into the process when a client leaves in the
 * middle of one.
 */
function replayed(request: IncomingMessage, body: Buffer): Readable {
  const headers = Object.fromEntries(HEADERS.map((name) => [name, request.headers[name]]));
  return Object.assign(Readable.from([body], { objectMode: false }), { method: 'POST', url: '/', headers });
}
