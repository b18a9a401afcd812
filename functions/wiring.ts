import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { AdminContext } from '../shared/admin/context.ts';
import { Apps, type AppsRecord } from '../shared/app/apps.ts';
import type { Clock } from '../shared/clock/clock.ts';
import { systemClock } from '../shared/clock/system-clock.ts';
import { secretNames } from '../shared/config/names.ts';
import { CREDENTIALS_TABLE, QUOTA_TABLE } from '../shared/config/tables.ts';
import { timing } from '../shared/config/timing.ts';
import type { CredentialRecord } from '../shared/credential/credential.ts';
import type { DeviceEndpoint } from '../shared/device-endpoint/device-endpoint.ts';
import { HttpsDeviceEndpoint } from '../shared/device-endpoint/https-device-endpoint.ts';
import { LoopbackDeviceEndpoint } from '../shared/device-endpoint/loopback-device-endpoint.ts';
import { EventBridgeEventPublisher } from '../shared/events/eventbridge-event-publisher.ts';
import { DynamoDbLedger } from '../shared/ledger/dynamodb-ledger.ts';
import type { Log } from '../shared/log/log.ts';
import { HttpsNetworkEndpoint } from '../shared/network-endpoint/https-network-endpoint.ts';
import { LoopbackNetworkEndpoint } from '../shared/network-endpoint/loopback-network-endpoint.ts';
import type { NetworkEndpoint } from '../shared/network-endpoint/network-endpoint.ts';
import { SignedParameterStore } from '../shared/parameter-store/signed-parameter-store.ts';
import type { QuotaRecord } from '../shared/quota/permits.ts';
import { Quota } from '../shared/quota/quota.ts';
import { systemRandom } from '../shared/random/random.ts';
import type { AnswerContext } from '../shared/refresh/operator/answer-message.ts';
import { RefusalLog } from '../shared/refresh/outcome/refusal-log.ts';
import { TickRhythm } from '../shared/refresh/tick/tick-rhythm.ts';
import { LambdaRefreshService } from '../shared/refresh-service/lambda-refresh-service.ts';
import { JweSealer } from '../shared/sealing/jwe-sealer.ts';
import { SecretsManagerSecretStore } from '../shared/secret-store/secrets-manager-secret-store.ts';
import { DynamoDbTable } from '../shared/table/dynamodb-table.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { type Timestamp, Timestamps } from '../shared/telemetry/timestamps.ts';
import { HttpsTokenEndpoint } from '../shared/token-endpoint/https-token-endpoint.ts';
import { LoopbackTokenEndpoint } from '../shared/token-endpoint/loopback-token-endpoint.ts';
import type { TokenEndpoint } from '../shared/token-endpoint/token-endpoint.ts';
import { ClientSecrets } from '../shared/vault/client-secrets.ts';
import { Publication } from '../shared/vault/publication.ts';
import { Rescue } from '../shared/vault/rescue.ts';
import { awsCredentials, type Environment, EnvironmentError, serviceEndpoint } from './environment.ts';
import { secretsManagerClient } from './secrets-manager-client.ts';

/**
 * Puts adapters behind the ports of the refresh and the admin function (those of the read function: read-context.ts).
 * Clients answer or fail within a few
 * seconds: the protocol has its own retries, and a call that hangs costs the time of a lease.
 */
const QUICK = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2500, throwOnRequestTimeout: true },
} as const;

/**
 * For the operator's secrets: a registration creates a dozen, AWS creates 50 a second for a whole account, and
 * somebody who registers or removes many at once rather waits. A call that is throttled each time waits for 15 s on
 * average and 31 s at most, which leaves the admin function the time to undo what it could not finish; what was throttled
 * makes the next ones slower, so that the SDK's allowance of retries lasts.
 */
const PATIENT = { ...QUICK, maxAttempts: 6, retryMode: 'adaptive' } as const;

const INVOKE = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 95_000 },
} as const;

/** What the refresh function works with. One for each container. */
export function refreshContext(environment: Environment, log: Log, telemetry: Telemetry): AnswerContext {
  const { clock, random, times, store, names, sealer, dynamoDb, ledger, publication } = common(
    environment,
    QUICK,
  );
  const table = { tableName: environment.quotaTable, keyName: QUOTA_TABLE.partitionKey.name };
  const quotaTable = new DynamoDbTable<QuotaRecord>(dynamoDb, table);
  const timestampsTable = new DynamoDbTable<Timestamp>(dynamoDb, table);
  return {
    environment: environment.env,
    links: environment.links,
    events: new EventBridgeEventPublisher(new EventBridgeClient(QUICK), environment.eventBus),
    clock,
    random,
    timing: times,
    log,
    ledger,
    quota: new Quota(quotaTable, clock, random, times),
    sealer,
    clientSecrets: new ClientSecrets(store, names, clock),
    rescue: new Rescue(store, names),
    publication,
    tokenEndpoint: tokenEndpoint(environment, clock),
    networkEndpoint: networkEndpoint(environment, clock),
    deviceEndpoint: deviceEndpoint(environment, clock),
    telemetry,
    timestamps: new Timestamps(timestampsTable, clock, random),
    refusalLog: new RefusalLog(timestampsTable, clock, random),
    unstored: new Map(),
    turns: new Map(),
    tickRhythm: new TickRhythm(),
    sealRings: { store, names: [names.accessRing, names.refreshRing] },
  };
}

/** What the admin function works with. */
export function adminContext(environment: Environment): AdminContext {
  const { clock, random, times, store, names, dynamoDb, ledger, publication } = common(environment, PATIENT);
  const credentialsTable = {
    tableName: environment.credentialsTable,
    keyName: CREDENTIALS_TABLE.partitionKey.name,
  };
  const table = { tableName: environment.quotaTable, keyName: QUOTA_TABLE.partitionKey.name };
  const quotaTable = new DynamoDbTable<QuotaRecord>(dynamoDb, table);
  return {
    env: environment.env,
    clock,
    random,
    timing: times,
    ledger,
    secretStore: store,
    names,
    publication,
    apps: new Apps(new DynamoDbTable<AppsRecord>(dynamoDb, credentialsTable), clock, random),
    refreshService: refreshService(environment),
    quota: new Quota(quotaTable, clock, random, times),
    reach: environment.reach,
  };
}

function tokenEndpoint({ reach }: Environment, clock: Clock): TokenEndpoint {
  const endpoint = new HttpsTokenEndpoint({ clock });
  return reach.loopbackOnly ? new LoopbackTokenEndpoint(endpoint) : endpoint;
}

function networkEndpoint({ reach }: Environment, clock: Clock): NetworkEndpoint {
  const endpoint = new HttpsNetworkEndpoint(clock);
  return reach.loopbackOnly ? new LoopbackNetworkEndpoint(endpoint) : endpoint;
}

function deviceEndpoint({ reach }: Environment, clock: Clock): DeviceEndpoint {
  const endpoint = new HttpsDeviceEndpoint(clock);
  return reach.loopbackOnly ? new LoopbackDeviceEndpoint(endpoint) : endpoint;
}

function common(environment: Environment, vault: typeof QUICK | typeof PATIENT) {
  const times = timing(environment.scale);
  const names = secretNames(environment.secretPrefix);
  const store = new SecretsManagerSecretStore(secretsManagerClient(vault), environment.newSecrets);
  const sealer = new JweSealer(store, { access: names.accessRing, refresh: names.refreshRing }, systemClock);
  const dynamoDb = new DynamoDBClient(QUICK);
  const ledger = new DynamoDbLedger<CredentialRecord>(dynamoDb, environment.credentialsTable);
  const parameters = new SignedParameterStore({
    at: () => serviceEndpoint('ssm'),
    credentials: () => awsCredentials(),
    clock: systemClock,
    random: systemRandom,
    created: environment.newSecrets,
  });
  const publication = new Publication(store, names, sealer, systemClock, times.dayMs, parameters);
  return {
    clock: systemClock,
    random: systemRandom,
    times,
    store,
    names,
    sealer,
    dynamoDb,
    ledger,
    publication,
  };
}

function refreshService(environment: Environment): LambdaRefreshService {
  if (!environment.refreshFunction) {
    throw new EnvironmentError("RENOVA_REFRESH_FUNCTION: missing; set it in the function's environment.");
  }
  return new LambdaRefreshService(new LambdaClient(INVOKE), environment.refreshFunction);
}
