import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** An HTTP server of the local stack, on loopback only. */
export interface RunningServer {
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Stops listening and ends every connection, also those in use. */
  close(): Promise<void>;
}

/** Somebody else listens on the port. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly code = 'port-in-use';
  readonly port: number;

  constructor(port: number, option: string) {
    super(`${option} ${port} is in use: stop the other process or choose another with ${option}`);
    this.port = port;
  }
}

/**
 * Serves `listener`, or what a server was made for, on loopback; `option` is the command line's name of the port, for the message.
 * Rejects with {@link PortInUseError}, or with Node's error for anything else (a privileged port, say).
 */
export async function serve(
  listener: RequestListener | Server,
  port: number,
  option: string,
): Promise<RunningServer> {
  const server = typeof listener === 'function' ? createServer(listener) : listener;
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new PortInUseError(port, option);
    }
    throw error;
  }
  const actualPort = (server.address() as AddressInfo).port;
  return {
    port: actualPort,
    url: `http://${LOOPBACK}:${actualPort}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
