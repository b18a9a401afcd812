import type { Clock } from '../shared/clock/clock.ts';
import { dataFolder } from './data-folder.ts';
import { lockFolder } from './folder-lock.ts';
import { type RunningServer, serve } from './http-server.ts';
import { openJournal } from './journal/journal.ts';
import type { StackOptions } from './options.ts';
import { createProvider, type ProviderEvent } from './provider/provider.ts';
import type { SandboxRecord } from './provider/sandbox-record.ts';

/** Path of the sandbox's token endpoint. */
export const TOKEN_PATH = '/auth/oauth/v2/token';

/**
 * The provider sandbox on its port, durable in the data folder if there is one. Whatever it opened is
 * handed to `opened`, to be closed in reverse order. Rejects as {@link serve} and {@link lockFolder}.
 */
export async function startProvider(
  options: Pick<StackOptions, 'env' | 'scale' | 'providerPort' | 'data'>,
  clock: Clock,
  opened: AsyncDisposableStack,
  onEvent?: (event: ProviderEvent) => void,
): Promise<RunningServer> {
  const { env, scale, providerPort, data } = options;
  if (data !== undefined) opened.defer(await lockFolder(data, 'provider'));
  const journal =
    data === undefined ? undefined : openJournal<SandboxRecord>(dataFolder(data).provider, { fsync: true });
  if (journal) opened.defer(() => journal.close());
  const { listener } = createProvider({ clock, env, scale, journal, onEvent });
  const server = await serve(listener, providerPort, '--provider-port');
  opened.defer(() => server.close());
  return server;
}
