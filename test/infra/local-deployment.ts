import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { testClientOptions } from '../support/aws-clients.ts';
import { type Deployment, deployFunctions, startFunctionHost } from './deployment.ts';
import { createSecrets } from './generated-secrets.ts';
import { resourcesOf, type Synthesis } from './synthesis.ts';

/**
 * Does with a template what CloudFormation does, as far as Renova's resources go, on the local stack: tables,
 * generated secrets, and functions.
 */
export async function deployLocally(synthesis: Synthesis, opened: AsyncDisposableStack): Promise<Deployment> {
  const { template } = synthesis;
  const host = await startFunctionHost(opened);
  const { url, port } = host.aws.server;
  const dynamoDb = new DynamoDBClient(testClientOptions(url));
  opened.defer(() => dynamoDb.destroy());
  for (const { Properties } of resourcesOf(template, 'AWS::DynamoDB::Table')) {
    await createTable(dynamoDb, Properties);
  }
  const secretsManager = new SecretsManagerClient(testClientOptions(url));
  opened.defer(() => secretsManager.destroy());
  await createSecrets(template, secretsManager);
  return { ...(await deployFunctions(synthesis, host, port, opened)), secretsManager };
}

async function createTable(client: DynamoDBClient, properties: Readonly<Record<string, unknown>>) {
  const { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } = properties;
  const input = { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode };
  await client.send(new CreateTableCommand(input as CreateTableCommandInput));
  const often = { client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.05 };
  await waitUntilTableExists(often, { TableName: String(TableName) });
}
