import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { createTable } from '../../local/aws/dynamodb/create-tables.ts';
import { CREDENTIALS_TABLE } from '../../shared/config/tables.ts';
import { DynamoDbLedger } from '../../shared/ledger/dynamodb-ledger.ts';
import { DynamoDbTable } from '../../shared/table/dynamodb-table.ts';
import { startDynalite } from '../support/dynalite.ts';
import { conflictReads } from './conflict-reads.ts';
import { ledgerContract, type SampleRecord } from './ledger-contract.ts';
import { type Sample, tableContract } from './table-contract.ts';

const { client, stop } = await startDynalite();
after(stop);
await createTable(client, 'samples', CREDENTIALS_TABLE);

const options = { tableName: 'samples', keyName: 'credential' } as const;
tableContract('DynamoDB (dynalite)', () => new DynamoDbTable<Sample>(client, options));

conflictReads('dynalite, which gives no item', () => client, { givesItem: false });

ledgerContract('DynamoDB (dynalite)', async () => {
  const tableName = randomUUID();
  await createTable(client, tableName, CREDENTIALS_TABLE);
  return new DynamoDbLedger<SampleRecord>(client, tableName);
});
