import {
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { APPS_KEY } from '../app/apps.ts';
import { bucketOf, bucketsOf, type Shard, WHOLE } from '../config/shards.ts';
import { CREDENTIALS_TABLE } from '../config/tables.ts';
import { DynamoDbTable } from '../table/dynamodb-table.ts';
import { storeFailure } from '../table/store-failure.ts';
import type { AttentionEntry, DueEntry, Ledger, LedgerRecord, ListOptions, QuotaEntry } from './ledger.ts';

const [DUE_INDEX, QUOTA_INDEX, ATTENTION_INDEX] = CREDENTIALS_TABLE.indexes;
/** A record as it is stored: the index's partition key is there exactly when the record is ever due. */
type Stored<Item> = Item & { readonly dueShard?: string | undefined };

/** {@link Ledger} on the DynamoDB table that shared/config/tables.ts defines. */
export class DynamoDbLedger<Item extends LedgerRecord> implements Ledger<Item> {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #table: DynamoDbTable<Stored<Item>>;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
    this.#table = new DynamoDbTable(client, { tableName, keyName: CREDENTIALS_TABLE.partitionKey.name });
  }

  async load(credential: string): Promise<Item | undefined> {
    const stored = await this.#table.load(credential);
    return stored && withoutIndexKey(stored);
  }

  save(item: Item): Promise<void> {
    return this.#table.save(withIndexKey(item));
  }

  async due(byMs: number, limit: number, shard: Shard = WHOLE): Promise<DueEntry[]> {
    if (limit <= 0) return [];
    const found = await Promise.all(bucketsOf(shard).map((bucket) => this.#dueIn(bucket, byMs, limit)));
    return found
      .flat()
      .sort((a, b) => a.dueAtMs - b.dueAtMs)
      .slice(0, limit);
  }

  async #dueIn(bucket: number, byMs: number, limit: number): Promise<DueEntry[]> {
    const entries: DueEntry[] = [];
    const query = this.#dueQuery(bucket, byMs, limit);
    try {
      for await (const page of paginateQuery({ client: this.#client }, query)) {
        for (const attributes of page.Items ?? []) entries.push(dueEntry(unmarshall(attributes)));
        if (entries.length >= limit) break;
      }
    } catch (error) {
      throw storeFailure('Query', error);
    }
    return entries;
  }

  async *list({ after, limit = Number.POSITIVE_INFINITY }: ListOptions = {}): AsyncIterable<Item> {
    const startingToken =
      after === undefined ? undefined : marshall({ [CREDENTIALS_TABLE.partitionKey.name]: after });
    const scan = { TableName: this.#tableName, ConsistentRead: true };
    const pageSize = Number.isFinite(limit) ? limit : undefined;
    let left = limit;
    try {
      for await (const page of paginateScan({ client: this.#client, startingToken, pageSize }, scan)) {
        for (const attributes of page.Items ?? []) {
          const item = withoutIndexKey(unmarshall(attributes) as Stored<Item>);
          // What lies beside the credentials has a key that no credential has.
          if (item.credential === APPS_KEY) continue;
          yield item;
          left -= 1;
          if (left <= 0) return;
        }
      }
    } catch (error) {
      throw storeFailure('Scan', error);
    }
  }

  async *sharing(quotaKey?: string): AsyncIterable<QuotaEntry<Item>> {
    const [operation, pages] = quotaKey === undefined ? this.#everyQuota() : this.#oneQuota(quotaKey);
    try {
      for await (const { Items = [] } of pages) {
        for (const attributes of Items) yield unmarshall(attributes) as QuotaEntry<Item>;
      }
    } catch (error) {
      throw storeFailure(operation, error);
    }
  }

  #everyQuota() {
    const index = { TableName: this.#tableName, IndexName: QUOTA_INDEX.name };
    return ['Scan', paginateScan({ client: this.#client }, index)] as const;
  }

  #oneQuota(quotaKey: string) {
    return ['Query', this.#query(QUOTA_INDEX, quotaKey)] as const;
  }

  async *attention(kind: NonNullable<Item['attention']>): AsyncIterable<AttentionEntry<Item>> {
    try {
      for await (const { Items = [] } of this.#query(ATTENTION_INDEX, kind)) {
        for (const attributes of Items) {
          const { attention: _, ...entry } = unmarshall(attributes);
          yield entry as AttentionEntry<Item>;
        }
      }
    } catch (error) {
      throw storeFailure('Query', error);
    }
  }

  #query({ name, partitionKey }: typeof QUOTA_INDEX | typeof ATTENTION_INDEX, value: string) {
    const query = {
      TableName: this.#tableName,
      IndexName: name,
      KeyConditionExpression: '#key = :key',
      ExpressionAttributeNames: { '#key': partitionKey.name },
      ExpressionAttributeValues: { ':key': { S: value } },
    };
    return paginateQuery({ client: this.#client }, query);
  }

  #dueQuery(bucket: number, byMs: number, limit: number): QueryCommandInput {
    return {
      TableName: this.#tableName,
      IndexName: DUE_INDEX.name,
      KeyConditionExpression: '#shard = :shard AND #dueAtMs <= :byMs',
      ExpressionAttributeNames: { '#shard': DUE_INDEX.partitionKey.name, '#dueAtMs': DUE_INDEX.sortKey.name },
      ExpressionAttributeValues: { ':shard': { S: String(bucket) }, ':byMs': { N: String(byMs) } },
      ScanIndexForward: true,
      Limit: limit,
    };
  }
}

function withIndexKey<Item extends LedgerRecord>(item: Item): Stored<Item> {
  return { ...item, dueShard: item.dueAtMs === undefined ? undefined : String(bucketOf(item)) };
}

function withoutIndexKey<Item>(stored: Stored<Item>): Item {
  const { dueShard: _, ...item } = stored;
  return item as Item;
}

function dueEntry(attributes: Record<string, unknown>): DueEntry {
  const { dueShard: _, ...entry } = attributes;
  return entry as unknown as DueEntry;
}
