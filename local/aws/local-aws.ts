import { existsSync } from 'node:fs';
import type { Clock } from '../../shared/clock/clock.ts';
import { timing } from '../../shared/config/timing.ts';
import { dataFolder } from '../data/data-folder.ts';
import { keepDiskRoom, secondTry } from '../data/disk-room.ts';
import { lockFolder } from '../data/folder-lock.ts';
import { openJournal } from '../data/journal/journal.ts';
import { type LostPart, lostPart } from '../data/lost-part.ts';
import { keepPrivate } from '../data/private-files.ts';
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
  /** True: too little room is left on the disk to begin anything that must be stored. */
  isDiskShort(): boolean;
}

export interface LocalAwsParts {
  readonly clock: Clock;
  readonly lambda: LambdaRuntime;
  readonly onEvent: (event: BusEvent) => void;
  readonly onDefect: (code: string) => void;
  /** Told when the data folder cannot be written to any more; what is on its way still finds room. */
  readonly onDiskFailure?: () => void;
  readonly onDataLost?: (part: LostPart) => void;
}

/**
 * Starts the endpoint, durable in the data folder if there is one. Whatever it opened is handed to
 * `opened`. Rejects as {@link serve} and {@link lockFolder}, and with `JournalCorruptError`.
 */
export async function startAws(
  { scale, port, data, allowHosts }: Pick<StackOptions, 'scale' | 'port' | 'data' | 'allowHosts'>,
  { clock, lambda, onEvent, onDefect, onDiskFailure, onDataLost }: LocalAwsParts,
  opened: AsyncDisposableStack,
): Promise<LocalAws> {
  const files = data === undefined ? undefined : await openFiles(data, { onDiskFailure, onDataLost }, opened);
  const journal = files?.journal;
  const secretsManager = createSecretsManager({ clock, dayMs: timing(scale).dayMs, journal });
  const parameterStore = createParameterStore({ clock, journal: files?.parameterJournal });
  const dynamoDb = openDynamoDb(files?.tables, files?.giveWay);
  opened.defer(() => dynamoDb.close());
  const eventBus = createEventBus(clock, onEvent);
  const services = { secretsManager, parameterStore, dynamoDb, eventBus, lambda, allowHosts, onDefect };
  const server = await serve(awsEndpoint(services), port, '--port');
  opened.defer(() => server.close());
  return { server, secretsManager, eventBus, isDiskShort: files?.isDiskShort ?? (() => false) };
}

/** Takes the data folder: its lock, its files as they are, and a reserve for the day on which the disk is full. */
async function openFiles(
  data: string,
  { onDiskFailure, onDataLost }: Pick<LocalAwsParts, 'onDiskFailure' | 'onDataLost'>,
  opened: AsyncDisposableStack,
) {
  opened.defer(await lockFolder(data, 'stack'));
  keepPrivate(data);
  const room = keepDiskRoom(data);
  opened.defer(() => room.close());
  const giveWay = () => {
    room.giveWay();
    onDiskFailure?.();
  };
  const { secrets, parameters, dynamoDb: tables } = dataFolder(data);
  const openLasting = <Entry>(path: string) => {
    const journal = openJournal<Entry>(path);
    opened.defer(() => journal.close());
    return { ...journal, append: secondTry(journal.append, giveWay) };
  };
  const journal = openLasting<JournalEntry>(secrets);
  const parameterJournal = openLasting<StoredVersion>(parameters);
  const lost = lostPart({ secrets: journal.entries.length, hasTables: existsSync(tables) });
  if (lost) onDataLost?.(lost);
  await checkTables(tables);
  return { journal, parameterJournal, tables, giveWay, isDiskShort: () => room.isShort() };
}
