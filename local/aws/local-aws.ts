import type { Clock } from '../../shared/clock/clock.ts';
import { timing } from '../../shared/config/timing.ts';
import { dataFolder } from '../data/data-folder.ts';
import { lockFolder } from '../data/folder-lock.ts';
import { openJournal } from '../data/journal/journal.ts';
import { type RunningServer, serve } from '../http/http-server.ts';
import type { LambdaRuntime } from '../lambda/lambda-runtime.ts';
import type { StackOptions } from '../options.ts';
import { awsEndpoint } from './aws-endpoint.ts';
import { checkTables } from './dynamodb/check-folder.ts';
import { openDynamoDb } from './dynamodb/embedded-dynamodb.ts';
import { type BusEvent, createEventBus, type EventBus } from './event-bus.ts';
import { createParameterStore, type StoredVersion } from './parameter-store/parameter-store.ts';
import type { JournalEntry } from './secrets-manager/secret-journal.ts';
import { createSecretsManager, type SecretsManager } from './secrets-manager/secrets-manager.ts';

/** The AWS endpoint and what is behind it, save the functions. */
export interface LocalAws {
  readonly server: RunningServer;
  readonly secretsManager: SecretsManager;
  readonly eventBus: EventBus;
}

export interface LocalAwsParts {
  readonly clock: Clock;
  readonly lambda: LambdaRuntime;
  readonly onEvent: (event: BusEvent) => void;
  readonly onDefect: (code: string) => void;
}

/**
 * Starts the endpoint, durable in the data folder if there is one. Whatever it opened is handed to
 * `opened`. Rejects as {@link serve} and {@link lockFolder}, and with `JournalCorruptError`.
 */
export async function startAws(
  { scale, port, data, allowHosts }: Pick<StackOptions, 'scale' | 'port' | 'data' | 'allowHosts'>,
  { clock, lambda, onEvent, onDefect }: LocalAwsParts,
  opened: AsyncDisposableStack,
): Promise<LocalAws> {
  if (data !== undefined) opened.defer(await lockFolder(data, 'stack'));
  const folder = data === undefined ? undefined : dataFolder(data);
  const journal = folder && openJournal<JournalEntry>(folder.secrets);
  if (journal) opened.defer(() => journal.close());
  const secretsManager = createSecretsManager({ clock, dayMs: timing(scale).dayMs, journal });
  const parameterJournal = folder && openJournal<StoredVersion>(folder.parameters);
  if (parameterJournal) opened.defer(() => parameterJournal.close());
  const parameterStore = createParameterStore({ clock, journal: parameterJournal });
  if (folder) await checkTables(folder.dynamoDb);
  const dynamoDb = openDynamoDb(folder?.dynamoDb);
  opened.defer(() => dynamoDb.close());
  const eventBus = createEventBus(clock, onEvent);
  const services = { secretsManager, parameterStore, dynamoDb, eventBus, lambda, allowHosts, onDefect };
  const server = await serve(awsEndpoint(services), port, '--port');
  opened.defer(() => server.close());
  return { server, secretsManager, eventBus };
}
