import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, WOKEN } from '../../shared/clock/clock.ts';
import { CommandFailure } from '../errors.ts';
import { parsedUrl } from './parsed-url.ts';

/** Where the provider's redirect arrives on this machine (RFC 8252 §7.3). */
export interface LoopbackRedirect {
  readonly redirectUri: string;
  /** The first redirect. Rejects with a {@link CommandFailure} when none comes within `waitMs`. */
  wait(clock: Clock, waitMs: number): Promise<URL>;
  close(): void;
}

const PATH = '/callback';

/**
 * Listens on a free port of loopback, or on `port`. Rejects with a {@link CommandFailure} when it is in use.
 */
export async function listenForRedirect(port = 0): Promise<LoopbackRedirect> {
  let arrived: ((url: URL) => void) | undefined;
  const redirect = new Promise<URL>((resolve) => {
    arrived = resolve;
  });
  const server = createServer((request, response) => {
    const url = parsedUrl(request.url, origin(server));
    const isRedirect = request.method === 'GET' && url?.pathname === PATH && url.search !== '';
    response.writeHead(isRedirect ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'",
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    response.end(isRedirect ? RECEIVED : '');
    if (isRedirect) arrived?.(url);
  });
  await listening(server, port);
  return {
    redirectUri: `${origin(server)}${PATH}`,
    wait: (clock, waitMs) => {
      // The timer ends with the wait: the program would live as long as it does.
      const over = new AbortController();
      return Promise.race([redirect, nobodyCame(clock, waitMs, over.signal)]).finally(() =>
        over.abort(WOKEN),
      );
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const RECEIVED = `<!doctype html><html lang="en"><title>Renova</title><main><h1>Back to the terminal</h1>
<p>The answer has arrived there. You can close this page.</p></main></html>
`;

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isUsed = error.code === 'EADDRINUSE';
      const why = isUsed ? `port ${port} of this machine is in use` : `port ${port} cannot be listened on`;
      reject(
        new CommandFailure('port-in-use', why, 'Choose another with --port, or leave it out for a free one.'),
      );
    });
    server.listen(port, '127.0.0.1');
  });
}

async function nobodyCame(clock: Clock, waitMs: number, over: AbortSignal): Promise<never> {
  await clock.sleep(waitMs, over);
  throw new CommandFailure(
    'nobody-came-back',
    `no answer came from the browser within ${Math.round(waitMs / 1000)} s; nothing was changed`,
    'Run the command again; on a machine without a browser, with --paste.',
  );
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port ?? 0}`;
}
