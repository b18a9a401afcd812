import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { systemClock } from '../shared/clock/system-clock.ts';
import { secretNames } from '../shared/config/names.ts';
import { timing } from '../shared/config/timing.ts';
import type { CredentialRecord } from '../shared/credential/credential.ts';
import { DynamoDbLedger } from '../shared/ledger/dynamodb-ledger.ts';
import type { ReadContext } from '../shared/read/read-token.ts';
import { TokenMemory } from '../shared/read/token-memory.ts';
import { SignedRefreshService } from '../shared/refresh-service/signed-refresh-service.ts';
import { JweSealer } from '../shared/sealing/jwe-sealer.ts';
import { SecretsManagerSecretStore } from '../shared/secret-store/secrets-manager-secret-store.ts';
import { awsCredentials, type Environment, EnvironmentError, lambdaEndpoint } from './environment.ts';

/**
 * A reader waits: a store that does not answer within 3 seconds (two tries) is away, and memory stands in or the
 * caller hears so. With the wait for a refresh it stays within the function's time.
 */
const PROMPT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
} as const;

/**
 * What the read function works with: nothing that could call a provider or write a token. It is apart from the
 * wiring of the others so that its bundle holds none of their parts.
 */
export function readContext(environment: Environment) {
  const names = secretNames(environment.secretPrefix);
  const store = new SecretsManagerSecretStore(new SecretsManagerClient(PROMPT));
  const rings = { access: names.accessRing, refresh: names.refreshRing };
  return {
    clock: systemClock,
    timing: timing(environment.scale),
    ledger: new DynamoDbLedger<CredentialRecord>(new DynamoDBClient(PROMPT), environment.credentialsTable),
    sealer: new JweSealer(store, rings, systemClock),
    refreshService: refreshService(environment),
    memory: new TokenMemory(),
  } satisfies ReadContext;
}

function refreshService({ refreshFunction }: Environment): SignedRefreshService {
  if (!refreshFunction) {
    throw new EnvironmentError("RENOVA_REFRESH_FUNCTION: missing; set it in the function's environment.");
  }
  return new SignedRefreshService({
    functionName: refreshFunction,
    ...lambdaEndpoint(),
    credentials: awsCredentials,
    clock: systemClock,
  });
}
