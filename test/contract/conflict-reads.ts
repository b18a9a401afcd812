import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDbTable } from '../../shared/table/dynamodb-table.ts';
import { ConflictError } from '../../shared/table/table.ts';
import type { Sample } from './table-contract.ts';

export interface ConflictReadsOptions {
  /** Whether the endpoint gives the stored item when it refuses a condition. DynamoDB does. */
  readonly givesItem: boolean;
  readonly skip?: string | false;
}

/** What a refused save costs beyond the save, at an endpoint with a table `samples`. */
export function conflictReads(
  endpoint: string,
  client: () => DynamoDBClient,
  { givesItem, skip = false }: ConflictReadsOptions,
): void {
  const reads = givesItem ? 0 : 1;
  describe(`a refused save on ${endpoint}`, { skip }, () => {
    test(`another writer's save is found with ${reads} reads`, async () => {
      const { table, item } = await tableWithItem(client());
      const counted = countReads(client());
      await assert.rejects(table.save({ ...item, writer: randomUUID() }), ConflictError);
      assert.equal(counted(), reads);
    });

    test(`its own save, sent again, is found with ${reads} reads`, async () => {
      const { table, item } = await tableWithItem(client());
      const counted = countReads(client());
      await table.save(item);
      assert.equal(counted(), reads);
    });

    test('a save over an item that is gone conflicts: there is nothing to give', async () => {
      const { table, item } = await tableWithItem(client());
      const gone = { ...item, credential: randomUUID(), revision: 2 };
      await assert.rejects(table.save(gone), ConflictError);
    });
  });
}

async function tableWithItem(client: DynamoDBClient) {
  const table = new DynamoDbTable<Sample>(client, { tableName: 'samples', keyName: 'credential' });
  const item: Sample = { credential: randomUUID(), revision: 1, writer: randomUUID() };
  await table.save(item);
  return { table, item };
}

/** Counts GetItem calls from now on; the function it gives ends that and tells how many there were. */
function countReads(client: DynamoDBClient): () => number {
  let reads = 0;
  const name = `count-${randomUUID()}`;
  client.middlewareStack.add(
    (next, context) => (args) => {
      if (context.commandName === 'GetItemCommand') reads += 1;
      return next(args);
    },
    { step: 'initialize', name },
  );
  return () => {
    client.middlewareStack.remove(name);
    return reads;
  };
}
