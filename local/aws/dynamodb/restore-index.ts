import { type DynamoDBClient, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';

/**
 * Puts the index entries back that a `kill -9` took, by writing every item of the table again as it is. Call
 * it before anybody else writes. dynalite, unlike DynamoDB, changes an index and its item one by one:
 *
 *     delete the old entry ─── put the new entry ─── put the item
 *                           └─ killed here, the item is as before, and no query of the index ever finds it
 *
 * so a credential would stay, and no tick would know of it any more. What a kill after the second step leaves
 * is harmless: an entry too many, which leads a tick to an item that is not due.
 */
export async function restoreIndex(client: DynamoDBClient, tableName: string): Promise<void> {
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName: tableName, ConsistentRead: true },
  )) {
    for (const item of Items) await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
  }
}
