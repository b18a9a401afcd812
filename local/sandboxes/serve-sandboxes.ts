import type { RequestListener } from 'node:http';
import type { Clock } from '../../shared/clock/clock.ts';
import { dataFolder } from '../data/data-folder.ts';
import { lockFolder } from '../data/folder-lock.ts';
import { type Journal, openJournal } from '../data/journal/journal.ts';
import { keepPrivate } from '../data/private-files.ts';
import { hostRefusal } from '../http/host-rule.ts';
import { type RunningServer, serve } from '../http/http-server.ts';
import type { StackOptions } from '../options.ts';
import { createBs2Provider } from './bs2/bs2-provider.ts';
import { BSN_PREFIX, createBsnProvider } from './bsn/bsn-provider.ts';
import type { BsnRecord } from './bsn/bsn-record.ts';
import {
  type BsnCloudRecord,
  createBsnCloudProvider,
  isBsnCloudPath,
} from './bsncloud/bsn-cloud-provider.ts';
import { createProfileProvider } from './profile/profile-rules.ts';
import { errorAnswer, send } from './provider/http-answer.ts';
import type { ProviderEvent } from './provider/provider.ts';
import type { SandboxRecord } from './provider/sandbox-record.ts';

export { TOKEN_PATH } from './bs2/bs2-provider.ts';

/**
 * The provider sandboxes on one port, durable in the data folder if there is one: BS2, and BSN and BSN.cloud under
 * their own paths. Whatever they opened is handed to `opened`, to be closed in reverse order. Rejects as {@link serve} and
 * {@link lockFolder}.
 */
export async function startProvider(
  options: Pick<
    StackOptions,
    | 'env'
    | 'scale'
    | 'providerPort'
    | 'data'
    | 'requireUserAgent'
    | 'allowAddresses'
    | 'allowHosts'
    | 'profile'
  >,
  clock: Clock,
  opened: AsyncDisposableStack,
  onEvent?: (event: ProviderEvent) => void,
): Promise<RunningServer> {
  const { env, scale, providerPort, data } = options;
  if (data !== undefined) {
    opened.defer(await lockFolder(data, 'provider'));
    keepPrivate(data);
  }
  const files = data === undefined ? undefined : dataFolder(data);
  const gate = { userAgent: options.requireUserAgent, addresses: options.allowAddresses };
  const played = {
    ...{ clock, gate, env, scale, onEvent },
    journal: durable<SandboxRecord>(files?.provider, opened),
  };
  const main = options.profile ? createProfileProvider(options.profile, played) : createBs2Provider(played);
  const bsn = createBsnProvider({
    clock,
    scale,
    journal: durable<BsnRecord>(files?.bsnProvider, opened),
    onEvent,
  });
  const bsnCloud = createBsnCloudProvider({
    clock,
    gate,
    scale,
    journal: durable<BsnCloudRecord>(files?.bsnCloud, opened),
    onEvent,
  });
  const sandboxOf = (path: string) => {
    if (isBsnCloudPath(path)) return bsnCloud;
    return path.startsWith(`${BSN_PREFIX}/`) ? bsn : main;
  };
  const listener: RequestListener = (request, response) => {
    const refusal = hostRefusal(request, options.allowHosts);
    if (refusal) return send(response, errorAnswer(refusal.status, 'invalid_request', refusal.message));
    return sandboxOf((request.url ?? '').split('?', 1)[0] ?? '').listener(request, response);
  };
  const server = await serve(listener, providerPort, '--provider-port');
  opened.defer(() => server.close());
  return server;
}

function durable<Entry>(file: string | undefined, opened: AsyncDisposableStack): Journal<Entry> | undefined {
  if (file === undefined) return undefined;
  const journal = openJournal<Entry>(file, { fsync: true });
  opened.defer(() => journal.close());
  return journal;
}
