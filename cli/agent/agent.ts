import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Token, TokenSource } from '../../client/index.ts';
import type { Clock } from '../../shared/clock/clock.ts';
import { CommandFailure } from '../errors.ts';
import { agentServer, type ServedTokens } from './agent-server.ts';
import { TokenFiles } from './token-files.ts';

export interface AgentOptions {
  /** By the id of their credentials. */
  readonly sources: ReadonlyMap<string, TokenSource>;
  /** Where each credential's token is kept in files. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly host: string;
  readonly port: number;
  readonly tell: (sentence: string) => void;
  readonly clock: Clock;
}

export interface RunningAgent {
  /** Such as `http://127.0.0.1:2774`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the tokens of some credentials to this machine, and keeps them in files. Resolves when it listens and has
 * looked for each token once. Rejects with `CommandFailure` when the port is taken.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { sources, files, tell, clock } = options;
  const end = new AbortController();
  const keepers = new Map(
    Array.from(sources, ([credential, source]) => {
      const current = (minTtlSeconds: number) => source.getToken({ minTtlSeconds });
      const paths = files.get(credential) ?? [];
      return [credential, new TokenFiles({ credential, paths, current, tell, clock })];
    }),
  );
  const server = agentServer(servedTokens(sources, keepers), clock);
  server.listen(options.port, options.host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const message = `Cannot listen on ${options.host}:${options.port} (${error.code}): choose another with --listen`;
    throw new CommandFailure('port-in-use', message);
  });
  const kept = [...keepers].filter(([credential]) => files.has(credential)).map(([, keeper]) => keeper);
  await Promise.all([...keepers.values()].map((keeper) => keeper.look()));
  const keeping = kept.map((keeper) => keeper.keep(end.signal));
  return {
    url: urlOf(server.address() as AddressInfo),
    close: async () => {
      end.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const source of sources.values()) source.close();
      await Promise.all(keeping);
    },
  };
}

/** What is served over HTTP is put into the files too, so that both say the same. */
function servedTokens(
  sources: ReadonlyMap<string, TokenSource>,
  keepers: ReadonlyMap<string, TokenFiles>,
): ServedTokens {
  const sourceOf = (credential: string) => {
    const source = sources.get(credential);
    if (!source) throw new Error('a credential that is not served');
    return source;
  };
  // What is wrong with a file is told when it is looked at next.
  const held = async (credential: string, token: Token) => {
    await keepers
      .get(credential)
      ?.hold(token)
      .catch(() => undefined);
    return token;
  };
  return {
    credentials: [...sources.keys()],
    current: async (credential, minTtlSeconds) =>
      held(credential, await sourceOf(credential).getToken({ minTtlSeconds })),
    async refused(credential, generation) {
      const source = sourceOf(credential);
      const token = await source.getToken();
      if (token.generation !== generation) return held(credential, token);
      return held(credential, (await source.refused(token)) ?? token);
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
