import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Reaction } from './manner.ts';

/** What the server does about a request, whose body is given. */
export type Behaviour = (parameters: URLSearchParams) => readonly Reaction[];

export interface RudeServer {
  readonly tokenUrl: string;
  close(): void;
}

/**
 * A token endpoint below HTTP, so that it can do what no HTTP server would: it reads whole requests and plays, reaction by
 * reaction, what `behaviour` says of each.
 */
export async function startRudeServer(behaviour: Behaviour): Promise<RudeServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients hang up on bad manners.
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const body = bodyOf(text);
      if (body === undefined) return;
      text = '';
      void play(socket, behaviour(new URLSearchParams(body)));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    tokenUrl: `http://127.0.0.1:${port}/token`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The body of a request that came whole. */
function bodyOf(request: string): string | undefined {
  const headEnd = request.indexOf('\r\n\r\n');
  const length = Number(/^content-length: (\d+)/im.exec(request)?.[1] ?? 0);
  if (headEnd < 0 || request.length < headEnd + 4 + length) return undefined;
  return request.slice(headEnd + 4);
}

async function play(socket: Socket, reactions: readonly Reaction[]): Promise<void> {
  for (const reaction of reactions) {
    if (socket.destroyed) return;
    if (reaction === 'end') socket.end();
    else if (reaction === 'reset') socket.resetAndDestroy();
    else if (reaction === 'hold') return;
    else if ('pauseMs' in reaction) await pause(reaction.pauseMs, undefined, { ref: false });
    else await new Promise<void>((resolve) => socket.write(reaction.send, () => resolve()));
  }
}
