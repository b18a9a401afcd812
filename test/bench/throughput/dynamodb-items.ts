import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { CREDENTIALS_TABLE, QUOTA_TABLE } from '../../../shared/config/tables.ts';
import type { EndpointAnswer } from './endpoints.ts';

type Item = Readonly<Record<string, AttributeValue>>;

interface Request {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ConditionExpression?: string;
  readonly IndexName?: string;
  readonly ExpressionAttributeValues?: Item;
  readonly Limit?: number;
}

/** Tables as the adapters use them: items by key, writes that a revision guards, and the index by time. */
export class DynamoDbItems {
  readonly #tables = new Map<string, Map<string, Item>>();

  answer(operation: string, request: Request): EndpointAnswer {
    const items = this.#tables.get(request.TableName) ?? new Map<string, Item>();
    this.#tables.set(request.TableName, items);
    switch (operation) {
      case 'GetItem':
        return found({ Item: items.get(keyOf(request.Key)) });
      case 'PutItem':
        return put(items, request);
      case 'Query':
        return found({ Items: due(items, request) });
      case 'Scan':
        return found({ Items: [] });
      default:
        return { status: 400, json: { __type: 'ValidationException' } };
    }
  }
}

const [DUE_INDEX] = CREDENTIALS_TABLE.indexes;
const KEYS = [CREDENTIALS_TABLE.partitionKey.name, QUOTA_TABLE.partitionKey.name];

function put(items: Map<string, Item>, { Item: item = {}, ...request }: Request): EndpointAnswer {
  const key = keyOf(item);
  const stored = items.get(key);
  const previous = request.ExpressionAttributeValues?.[':previous']?.N;
  const isExpected = previous === undefined ? stored === undefined : stored?.revision?.N === previous;
  if (request.ConditionExpression && !isExpected)
    return { status: 400, json: { __type: 'ConditionalCheckFailedException', Item: stored } };
  items.set(key, item);
  return found({});
}

/** No other index holds anything: nothing is wrong, and nobody has a quota. */
function due(items: Map<string, Item>, { IndexName, ExpressionAttributeValues, Limit }: Request): Item[] {
  if (IndexName !== DUE_INDEX.name) return [];
  const byMs = Number(ExpressionAttributeValues?.[':byMs']?.N);
  const shard = ExpressionAttributeValues?.[':shard']?.S;
  const dueAtMs = (item: Item) => Number(item.dueAtMs?.N);
  const all = [...items.values()].filter((item) => item.dueShard?.S === shard && dueAtMs(item) <= byMs);
  return all.sort((a, b) => dueAtMs(a) - dueAtMs(b)).slice(0, Limit);
}

function keyOf(item: Item = {}): string {
  for (const name of KEYS) if (item[name]?.S !== undefined) return item[name].S;
  return '';
}

function found(json: object): EndpointAnswer {
  return { status: 200, json };
}
