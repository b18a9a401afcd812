import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type EnvironmentName, names, secretNames } from '../../shared/config/names.ts';
import { newKeyRing } from '../../shared/sealing/key-ring.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../lambda/functions.ts';
import { createTables } from './dynamodb/create-tables.ts';
import { restoreIndex } from './dynamodb/restore-index.ts';

/** Options of the stack's own SDK clients: nothing is taken from the machine's AWS configuration. */
export function localClientOptions(awsUrl: string) {
  return { endpoint: awsUrl, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS };
}

/** Creates what a deployed stack has from the start: both tables and both seal key rings. What exists is left. */
export async function bootstrap(awsUrl: string, env: EnvironmentName): Promise<void> {
  const dynamoDb = new DynamoDBClient(localClientOptions(awsUrl));
  const secretsManager = new SecretsManagerClient(localClientOptions(awsUrl));
  try {
    await createTables(dynamoDb, env);
    await restoreIndex(dynamoDb, names(env).credentialsTable);
    const { accessRing, refreshRing } = secretNames(names(env).secretPrefix);
    await createKeyRing(secretsManager, accessRing);
    await createKeyRing(secretsManager, refreshRing);
  } finally {
    dynamoDb.destroy();
    secretsManager.destroy();
  }
}

async function createKeyRing(client: SecretsManagerClient, name: string): Promise<void> {
  try {
    await client.send(
      new CreateSecretCommand({ Name: name, SecretString: newKeyRing(FIRST_KEY_ID).reveal() }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ResourceExistsException')) throw error;
  }
}

const FIRST_KEY_ID = 'k1';
