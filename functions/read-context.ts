import { systemClock } from '../shared/clock/system-clock.ts';
import { secretNames } from '../shared/config/names.ts';
import { timing } from '../shared/config/timing.ts';
import type { CredentialRecord } from '../shared/credential/credential.ts';
import { SignedLedgerReader } from '../shared/ledger/signed-ledger-reader.ts';
import { systemRandom } from '../shared/random/random.ts';
import type { ReadContext } from '../shared/read/read-token.ts';
import { TokenMemory } from '../shared/read/token-memory.ts';
import { SignedRefreshService } from '../shared/refresh-service/signed-refresh-service.ts';
import { JweSealer } from '../shared/sealing/jwe-sealer.ts';
import { SignedSecretReader } from '../shared/secret-store/signed-secret-reader.ts';
import {
  awsCredentials,
  type Environment,
  EnvironmentError,
  lambdaEndpoint,
  serviceEndpoint,
} from './environment.ts';

/**
 * What the read function works with: nothing that could call a provider or write a token. It is apart from the
 * wiring of the others so that its bundle holds none of their parts. A store that does not answer within 2 seconds (two
 * tries) is away, and memory stands in or the caller hears so: with the wait for a refresh it stays within the function's time.
 */
export function readContext(environment: Environment) {
  const names = secretNames(environment.secretPrefix);
  const options = { credentials: () => awsCredentials(), clock: systemClock, random: systemRandom };
  const store = new SignedSecretReader({ ...options, at: () => serviceEndpoint('secretsmanager') });
  const rings = { access: names.accessRing, refresh: names.refreshRing };
  return {
    clock: systemClock,
    timing: timing(environment.scale),
    ledger: new SignedLedgerReader<CredentialRecord>(environment.credentialsTable, {
      ...options,
      at: () => serviceEndpoint('dynamodb'),
    }),
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
