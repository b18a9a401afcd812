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

/**
 * dynalite, in `path` or in memory. What it has answered survives the end of the process (not of the machine).
 *
 * @param onFailure told when the files can no longer be written. dynalite throws that into the process, where nobody
 *   can tell whose request it was: all that wait are answered with an internal error, and so is every later one.
 */
export function openDynamoDb(path?: string, onFailure: () => void = () => undefined): DynamoDb {
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0, path });
  const waiting = new Set<ServerResponse>();
  let failed = false;
  const onUncaught = (error: unknown) => {
    if (failed && isLateAnswer(error)) return;
    if (!isStoreError(error)) throw error;
    failed = true;
    for (const response of waiting) answerFailure(response);
    onFailure();
  };
  if (path !== undefined) process.on('uncaughtException', onUncaught);
  return {
    async handle(request, response, body) {
      if (failed) return answerFailure(response);
      const done = new Promise<void>((resolve) => response.once('close', resolve));
      waiting.add(response);
      server.emit('request', replayed(request, body), response);
      await done;
      waiting.delete(response);
    },
    async close() {
      process.off('uncaughtException', onUncaught);
      // A store that cannot write cannot be closed either; its files are whole as far as it has answered.
      if (failed) return;
      // dynalite closes its store only after a server that listened.
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error of the database below dynalite, by the codes of abstract-level or of the file system. */
function isStoreError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /^LEVEL_|^(ENOSPC|EIO|EDQUOT|EROFS)$/.test(code) || /^IO error: /.test(error.message);
}

/** dynalite answers a request that was told of the failure already. */
function isLateAnswer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_HTTP_HEADERS_SENT';
}

function answerFailure(response: ServerResponse): void {
  if (response.destroyed || response.headersSent) return;
  const body = JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError' });
  response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
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
