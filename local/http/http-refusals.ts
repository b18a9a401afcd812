import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ApiAnswer, problem, sendApi } from './api-answer.ts';

/** Makes a server answer as RFC 9457 has it where Node would answer bare, or not at all. */
export function answerRefusals(server: Server): Server {
  return server
    .on('clientError', refuseUnread)
    .on('checkExpectation', refuseExpectation)
    .on('connect', (_request: IncomingMessage, socket: Duplex) => {
      const refusal = refused(405, 'method: expected GET or POST.');
      endWith(socket, { ...refusal, headers: { ...refusal.headers, allow: 'GET, POST' } });
    });
}

/** What Node could not read, by its code. Everything else is a request that breaks the rules of HTTP. */
const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
const DETAIL_OF: Readonly<Record<number, string>> = {
  400: 'request: expected HTTP/1.1, with one length, a known method and nothing but ASCII in its path.',
  408: 'request: expected it whole, and sooner.',
  413: 'body: expected no such chunk extensions.',
  431: 'headers: expected at most 16384 bytes of them.',
};

function refuseUnread(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF[error.code ?? ''] ?? 400;
  endWith(socket, refused(status, DETAIL_OF[status] ?? ''));
}

function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  sendApi(response, refused(417, 'Expect: expected 100-continue, or no such header.'));
}

/** The rest of such a request is not read, so nothing can follow on its connection. */
function refused(status: number, detail: string): ApiAnswer {
  const answer = problem(status, 'invalid-request', detail);
  return { ...answer, headers: { ...answer.headers, connection: 'close' } };
}

function endWith(socket: Duplex, { status, headers, body }: ApiAnswer): void {
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
  // Whoever has left already hears nothing, and that is no failure of ours.
  socket.on('error', () => undefined);
  socket.write(head);
  socket.end(body, () => socket.destroy());
}
