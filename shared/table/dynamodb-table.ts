import {
  type ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { errorName, expectOwnWrite, storeFailure } from './store-failure.ts';
import type { Revisioned, Table } from './table.ts';

export interface DynamoDbTableOptions<Item> {
  readonly tableName: string;
  /** Name of the partition key attribute (a string). The table has no sort key. */
  readonly keyName: keyof Item & string;
}

/**
 * {@link Table} on DynamoDB: a consistent GetItem and a conditional PutItem.
 *
 * The SDK resends a PutItem whose answer was lost, and the resent one then fails its own condition:
 *
 *     us     PutItem r7 ───▶ stored, answer lost    PutItem r7 ───▶ refused: it is r7 already, by our writer: success
 *
 * so a refused condition is a conflict only when the item that is there was written by somebody else. DynamoDB
 * gives that item with its refusal (`ReturnValuesOnConditionCheckFailure`); an endpoint that gives none, such as
 * dynalite, is asked for it by a GetItem.
 * An item that cannot be marshalled rejects with `StoreUnavailableError` too: the store cannot hold it.
 */
export class DynamoDbTable<Item extends Revisioned> implements Table<Item> {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #keyName: keyof Item & string;

  constructor(client: DynamoDBClient, options: DynamoDbTableOptions<Item>) {
    this.#client = client;
    this.#tableName = options.tableName;
    this.#keyName = options.keyName;
  }

  async load(key: string): Promise<Item | undefined> {
    try {
      const { Item: attributes } = await this.#client.send(
        new GetItemCommand({
          TableName: this.#tableName,
          Key: { [this.#keyName]: { S: key } },
          ConsistentRead: true,
        }),
      );
      return attributes && (unmarshall(attributes) as Item);
    } catch (error) {
      throw storeFailure('GetItem', error);
    }
  }

  async save(item: Item): Promise<void> {
    try {
      await this.#client.send(this.#conditionalPut(item));
    } catch (error) {
      if (errorName(error) !== 'ConditionalCheckFailedException') throw storeFailure('PutItem', error);
      const stored = refusedFor<Item>(error) ?? (await this.load(String(item[this.#keyName])));
      expectOwnWrite(stored, item);
    }
  }

  /** Revision 1 may only create; every later one requires that the item is there, at the revision before. */
  #conditionalPut(item: Item): PutItemCommand {
    const first = item.revision === 1;
    return new PutItemCommand({
      TableName: this.#tableName,
      Item: marshall(item, { removeUndefinedValues: true }),
      ConditionExpression: first ? 'attribute_not_exists(#guard)' : '#guard = :previous',
      ExpressionAttributeNames: { '#guard': first ? this.#keyName : 'revision' },
      ...(first ? {} : { ExpressionAttributeValues: { ':previous': { N: String(item.revision - 1) } } }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  }
}

/** The item that a refused condition found, where the endpoint gives it; there may be none at all. */
function refusedFor<Item>(error: unknown): Item | undefined {
  const { Item: attributes } = error as ConditionalCheckFailedException;
  return attributes && (unmarshall(attributes) as Item);
}
