import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { names } from '../../shared/config/names.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { type Durations, timed } from './figures.ts';
import { PLAIN } from './reads.ts';

const CALLS = 300;

/** One call of the SDK after the other, and nothing else: the least that asking costs. After {@link readFigures}. */
export async function bareReads(
  awsUrl: string,
): Promise<Readonly<Record<'GetItem' | 'GetSecretValue', Durations>>> {
  const secrets = new SecretsManagerClient(testClientOptions(awsUrl));
  const dynamoDb = new DynamoDBClient(testClientOptions(awsUrl));
  const item = {
    TableName: names('prd').credentialsTable,
    Key: { credential: { S: 'demo' } },
    ConsistentRead: true,
  };
  try {
    return {
      GetSecretValue: await timed(CALLS, () => secrets.send(new GetSecretValueCommand({ SecretId: PLAIN }))),
      GetItem: await timed(CALLS, () => dynamoDb.send(new GetItemCommand(item))),
    };
  } finally {
    secrets.destroy();
    dynamoDb.destroy();
  }
}
