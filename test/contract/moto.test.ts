import { randomUUID } from 'node:crypto';
import { after, before, describe } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createTable } from '../../local/aws/dynamodb/create-tables.ts';
import { CREDENTIALS_TABLE } from '../../shared/config/tables.ts';
import { DynamoDbLedger } from '../../shared/ledger/dynamodb-ledger.ts';
import { SecretsManagerSecretStore } from '../../shared/secret-store/secrets-manager-secret-store.ts';
import { DynamoDbTable } from '../../shared/table/dynamodb-table.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { emptyMoto } from '../support/moto.ts';
import { findMoto } from '../support/optional-tools.ts';
import { conflictReads } from './conflict-reads.ts';
import { ledgerContract, type SampleRecord } from './ledger-contract.ts';
import { secretStoreContract } from './secret-store-contract.ts';
import { type Sample, tableContract } from './table-contract.ts';

const { version, skip } = findMoto();
const label = `moto ${version ?? ''}`.trim();
describe('the adapters of AWS', { skip }, () => {
  let dynamoDb: DynamoDBClient;
  let secretsManager: SecretsManagerClient;

  before(async () => {
    const endpoint = await emptyMoto();
    dynamoDb = new DynamoDBClient(testClientOptions(endpoint));
    secretsManager = new SecretsManagerClient(testClientOptions(endpoint));
    await createTable(dynamoDb, 'samples', CREDENTIALS_TABLE);
  });
  after(() => {
    dynamoDb.destroy();
    secretsManager.destroy();
  });

  const table = { tableName: 'samples', keyName: 'credential' } as const;
  // Its threads look at a condition and write without a lock: now and then two of them win.
  const skipRaces = 'SKIPPED: moto has no atomic conditions';
  tableContract(label, () => new DynamoDbTable<Sample>(dynamoDb, table), { skip, skipRaces });

  conflictReads(label, () => dynamoDb, { givesItem: true, skip });

  ledgerContract(
    label,
    async () => {
      const tableName = randomUUID();
      await createTable(dynamoDb, tableName, CREDENTIALS_TABLE);
      return new DynamoDbLedger<SampleRecord>(dynamoDb, tableName);
    },
    { skip },
  );

  secretStoreContract(label, () => ({ store: new SecretsManagerSecretStore(secretsManager) }), {
    lacks: ['version quota', 'scheduled deletion', 'passing time', 'limit of size'],
    skip,
  });
});
