import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandFailure } from '../errors.ts';
import { type ConsoleParts, consoleListener } from './console-answers.ts';

/** A console that runs. */
export interface RunningConsole {
  /** The address to open, with the token behind `#`: a browser sends that part to nobody. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** Serves the console on loopback; port 0 takes a free one. Rejects with a {@link CommandFailure} when it is in use. */
export async function startConsole(
  parts: Omit<ConsoleParts, 'isTokenInPage'>,
  port: number,
): Promise<RunningConsole> {
  const listener = consoleListener(parts);
  const server = createServer(async (request, response) => {
    if (!isOwnHost(request)) {
      response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('Host: expected the address of the console.\n');
      return;
    }
    if (!(await listener(request, response))) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.\n');
    }
  });
  server.listen(port, LOOPBACK);
  await once(server, 'listening').catch(() => {
    const message = `port ${port} cannot be listened on; another program may have it`;
    throw new CommandFailure('port-in-use', message, 'Choose another with --port, or leave it out.');
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${actual}/#${parts.token}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * A page that has given its own name the address 127.0.0.1 (DNS rebinding) still sends that name. Names of this machine
 * are exactly these, with the port that the request came in by.
 */
function isOwnHost({ headers: { host }, socket }: IncomingMessage): boolean {
  const { localPort } = socket;
  return host === `127.0.0.1:${localPort}` || host === `localhost:${localPort}`;
}
