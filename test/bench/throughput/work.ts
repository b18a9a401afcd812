import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { readEnvironment } from '../../../functions/environment.ts';
import { ForkedRefreshProcesses } from '../../../functions/refresh-processes.ts';
import { refreshContext } from '../../../functions/wiring.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { secretNames } from '../../../shared/config/names.ts';
import type { CredentialSettings } from '../../../shared/credential/settings.ts';
import type { Log } from '../../../shared/log/log.ts';
import { seedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { PLACES } from '../../../shared/refresh/tick/agenda.ts';
import { tick } from '../../../shared/refresh/tick/tick.ts';
import { newKeyRing } from '../../../shared/sealing/key-ring.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { silentTelemetry } from '../../../shared/telemetry/telemetry.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import type { WorkFigures, WorkRequest } from './throughput.ts';

const PROVIDERS = 3;

async function measured(request: WorkRequest): Promise<WorkFigures> {
  // Beside the machine's authorities, and as those: no request of a refresh names its own.
  if (request.ca) setDefaultCACertificates([...getCACertificates(), request.ca]);
  const run = await WAYS[request.way](request);
  const { seconds } = request;
  let [refreshes, peakBytes] = [0, 0];
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 200);
  const [cpu, startMs] = [process.cpuUsage(), performance.now()];
  const endMs = startMs + seconds * 1000;
  const untilEnd = once(endMs - startMs, () => process.cpuUsage(cpu));
  const course: Course = {
    leftMs: () => endMs - performance.now(),
    refreshed: () => {
      if (performance.now() <= endMs) refreshes += 1;
    },
  };
  // What goes on after the end is not counted, and ends with this process.
  const { user, system } = await Promise.race([untilEnd, run(course).then(() => untilEnd)]);
  clearInterval(look);
  const cpuSeconds = (user + system) / 1e6;
  return { refreshes, seconds, cpuSeconds, peakBytes };
}

interface Course {
  readonly leftMs: () => number;
  readonly refreshed: () => void;
}

type Way = (request: WorkRequest) => Promise<(course: Course) => Promise<unknown>>;

const WAYS: Readonly<Record<WorkRequest['way'], Way>> = {
  renova: prepareTick,
  bare: async (request) => (course) => loops(request, course, bareRefresh(request)),
  naive: prepareNaive,
};

const quiet = () => undefined;
const LOG: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const LIFE_MS = 3_600_000;
/** They were registered so long ago, with a pair that lives: half of its life is over, so each is due for a renewal. */
const AGO_MS = 0.6 * LIFE_MS;

/** The refresh function's own parts over the SDK's clients: one tick, of as many as are due. */
async function prepareTick({ providerUrl, due, hasSlowProvider }: WorkRequest) {
  const environment = readEnvironment();
  let course: Course | undefined;
  const telemetry = {
    ...silentTelemetry,
    count: (name: string) => {
      if (name === 'RefreshesSucceeded') course?.refreshed();
    },
  };
  const wired = refreshContext(environment, LOG, telemetry);
  const { timing, unstored } = wired;
  const module = fileURLToPath(new URL('../../../functions/refresh.ts', import.meta.url));
  const context = { ...wired, processes: new ForkedRefreshProcesses(module, timing.leaseMs, unstored) };
  const { store, names } = wired.sealRings;
  for (const name of names) await store.create(name, newKeyRing('key-1'));
  await store.create(
    secretNames(environment.secretPrefix).app('bench'),
    renderClient({ client_id: 'fake-id', client_secret: 'fake-secret' }),
  );
  const before = { ...context, clock: { ...systemClock, nowMs: () => Date.now() - AGO_MS } };
  await inParallel(due, async (n) => {
    const path = hasSlowProvider && n % PROVIDERS === 0 ? 'slow' : `provider-${n % PROVIDERS}`;
    const settings: CredentialSettings = {
      credential: `credential-${n}`,
      provider: 'oauth2',
      tokenUrl: `${providerUrl}/${path}`,
      grant: 'refresh_token',
      clientAuth: 'post',
      mode: 'fresh',
      publish: 'access',
      app: 'bench',
      defaultAccessTokenMs: LIFE_MS,
      extra: {},
    };
    await seedChain(before, {
      settings,
      chain: `chain-${n}`,
      lanes: 1,
      refreshToken: new Secret(`fake-seed-${n}`),
      living: {
        accessToken: new Secret(`fake-access-${n}-${'x'.repeat(30)}`),
        expiresAtMs: before.clock.nowMs() + LIFE_MS,
      },
    });
  });
  return (of: Course) => {
    course = of;
    return tick(context, { remainingMs: () => timing.publishByMs + of.leftMs() });
  };
}

/** The bytes of a record, of a published value and of an event. */
const [RECORD, PUBLISHED, EVENT] = [
  'x'.repeat(2200),
  'x'.repeat(1700),
  JSON.stringify({ detail: 'x'.repeat(250) }),
];

/** The calls of one refresh and nothing else, by the same clients. */
function bareRefresh({ providerUrl }: WorkRequest) {
  const dynamoDb = new DynamoDBClient({});
  const secrets = new SecretsManagerClient({});
  const events = new EventBridgeClient({});
  const write = (id: string) =>
    dynamoDb.send(
      new PutItemCommand({ TableName: 'bare', Item: { credential: { S: id }, record: { S: RECORD } } }),
    );
  return async (id: string, path: string) => {
    const Key = { credential: { S: id } };
    await dynamoDb.send(new GetItemCommand({ TableName: 'bare', Key, ConsistentRead: true }));
    await write(id);
    await post(`${providerUrl}/${path}`, id);
    await write(id);
    await secrets.send(new PutSecretValueCommand({ SecretId: id, SecretString: PUBLISHED }));
    await write(id);
    await events.send(
      new PutEventsCommand({ Entries: [{ Source: 'bench', DetailType: 'bench', Detail: EVENT }] }),
    );
  };
}

/** What a cron does that keeps the pair in a secret. */
async function prepareNaive(request: WorkRequest) {
  const secrets = new SecretsManagerClient({});
  const refresh = async (id: string, path: string) => {
    const SecretId = `naive-${path}`;
    await secrets.send(new GetSecretValueCommand({ SecretId }));
    const SecretString = await post(`${request.providerUrl}/${path}`, id);
    await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  };
  for (const path of ['slow', ...Array.from({ length: PROVIDERS }, (_, n) => `provider-${n}`)])
    await secrets.send(new PutSecretValueCommand({ SecretId: `naive-${path}`, SecretString: PUBLISHED }));
  return (course: Course) => loops(request, course, refresh);
}

/** On a connection of its own, as Renova posts: over TLS a whole handshake, without a session that is resumed. */
async function post(url: string, id: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: id, client_id: 'fake-id' });
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method: 'POST', headers, agent: false }, resolve)
      .once('error', reject)
      .end(body.toString());
  });
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`The provider answered ${response.statusCode}`);
  return answer;
}

/** As many at a time as a tick has places, one after the other. */
async function loops(
  { hasSlowProvider }: WorkRequest,
  { leftMs, refreshed }: Course,
  refresh: (id: string, path: string) => Promise<void>,
): Promise<void> {
  let begun = 0;
  const loop = async () => {
    while (leftMs() > 0) {
      const n = begun;
      begun += 1;
      const path = hasSlowProvider && n % PROVIDERS === 0 ? 'slow' : `provider-${n % PROVIDERS}`;
      await refresh(`credential-${n}`, path);
      refreshed();
    }
  };
  await Promise.all(Array.from({ length: PLACES }, loop));
}

async function inParallel(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let begun = 0;
  const loop = async () => {
    for (let n = begun; n < count; n = begun) {
      begun += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: PLACES }, loop));
}

function once<Result>(afterMs: number, work: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(work()), afterMs);
  });
}

/** A process that refreshes in one of three ways for some seconds, and tells its parent what that came to. */
if (process.send) {
  const request = JSON.parse(process.argv[2] ?? '') as WorkRequest;
  process.send(await measured(request));
  process.disconnect();
}
