import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from './loopback-certificate.ts';

/** A server below HTTP, so that it can do what no HTTP server would. */
export interface LoopbackServer {
  readonly tokenUrl: string;
  /** Connections that were accepted. */
  readonly connections: readonly Socket[];
  /** Every request whose headers and body came whole, as text. */
  readonly requests: readonly string[];
}

export interface LoopbackOptions {
  readonly tls?: boolean;
  /** Called when a connection is accepted, before anything is read. */
  readonly onConnection?: (socket: Socket) => void;
  /** Called when a request came whole. */
  readonly onRequest?: (socket: Socket, request: string) => void;
}

/** Listens on 127.0.0.1 until the test ends, which destroys what is still open. */
export async function startServer(t: TestContext, options: LoopbackOptions): Promise<LoopbackServer> {
  const connections: Socket[] = [];
  const requests: string[] = [];
  const accept = (socket: Socket) => {
    connections.push(socket);
    // Resets are what these tests are about.
    socket.on('error', () => undefined);
    options.onConnection?.(socket);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!isWhole(text)) return;
      requests.push(text);
      options.onRequest?.(socket, text);
      text = '';
    });
  };
  const server = options.tls
    ? createTlsServer({ cert: LOOPBACK_CERTIFICATE, key: LOOPBACK_KEY }, accept).on(
        'tlsClientError',
        () => {},
      )
    : createServer(accept);
  const port = await listen(server);
  t.after(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  const scheme = options.tls ? 'https' : 'http';
  return { tokenUrl: `${scheme}://127.0.0.1:${port}/auth/oauth/v2/token?tenant=a`, connections, requests };
}

/** A port of loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

function isWhole(request: string): boolean {
  const headersEnd = request.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(request)?.[1];
  return headersEnd !== -1 && request.length >= headersEnd + 4 + Number(length ?? 0);
}

/** An HTTP answer with its length stated; `length` says another. */
export function httpAnswer(status: number, body: string, length = Buffer.byteLength(body)): string {
  return `HTTP/1.1 ${status} Status\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}
