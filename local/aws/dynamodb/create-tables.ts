import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type EnvironmentName, names } from '../../../shared/config/names.ts';
import { CREDENTIALS_TABLE, QUOTA_TABLE, type TableDefinition } from '../../../shared/config/tables.ts';

const ACTIVE_WITHIN_SECONDS = 30;
const POLL_SECONDS = 0.05;

/** Creates both tables of one environment, as its stack would; a table that exists is left as it is. */
export async function createTables(client: DynamoDBClient, env: EnvironmentName): Promise<void> {
  const { credentialsTable, quotaTable } = names(env);
  await createTable(client, credentialsTable, CREDENTIALS_TABLE);
  await createTable(client, quotaTable, QUOTA_TABLE);
}

/** Creates one table and resolves when it can be used; one that exists is left as it is. */
export async function createTable(
  client: DynamoDBClient,
  tableName: string,
  definition: TableDefinition,
): Promise<void> {
  try {
    await client.send(new CreateTableCommand(createTableInput(tableName, definition)));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ResourceInUseException')) throw error;
  }
  await waitUntilTableExists(
    { client, maxWaitTime: ACTIVE_WITHIN_SECONDS, minDelay: POLL_SECONDS, maxDelay: POLL_SECONDS },
    { TableName: tableName },
  );
}

/** The CreateTable request for a definition. Time to live is another call, which emulators may lack. */
export function createTableInput(tableName: string, definition: TableDefinition): CreateTableCommandInput {
  const { partitionKey, indexes } = definition;
  const keys = [
    partitionKey,
    ...indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey ?? []].flat()),
  ];
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: [{ AttributeName: partitionKey.name, KeyType: 'HASH' }],
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes.map(indexInput) }),
  };
}

function indexInput({ name, partitionKey, sortKey, include }: TableDefinition['indexes'][number]) {
  return {
    IndexName: name,
    KeySchema: [
      { AttributeName: partitionKey.name, KeyType: 'HASH' as const },
      ...(sortKey ? [{ AttributeName: sortKey.name, KeyType: 'RANGE' as const }] : []),
    ],
    Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...include] },
  };
}
