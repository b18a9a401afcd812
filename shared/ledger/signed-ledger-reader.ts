import { unmarshall } from '@aws-sdk/util-dynamodb';
import { SignedCalls, type SignedCallsOptions } from '../aws-service/signed-calls.ts';
import { CREDENTIALS_TABLE } from '../config/tables.ts';
import type { Ledger, LedgerRecord } from './ledger.ts';

/**
 * The loading of {@link Ledger} on DynamoDB, without the SDK's client.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
 */
export class SignedLedgerReader<Item extends LedgerRecord> implements Pick<Ledger<Item>, 'load'> {
  readonly #service: SignedCalls;
  readonly #tableName: string;

  constructor(
    tableName: string,
    options: Pick<SignedCallsOptions, 'at' | 'credentials' | 'clock' | 'random'>,
  ) {
    this.#tableName = tableName;
    this.#service = new SignedCalls({
      ...options,
      service: 'dynamodb',
      target: 'DynamoDB_20120810',
      json: '1.0',
    });
  }

  async load(credential: string): Promise<Item | undefined> {
    const answer = await this.#service.call('GetItem', {
      TableName: this.#tableName,
      Key: { [CREDENTIALS_TABLE.partitionKey.name]: { S: credential } },
      ConsistentRead: true,
    });
    if (!answer?.Item) return undefined;
    const { dueShard: _, ...item } = unmarshall(answer.Item as Parameters<typeof unmarshall>[0]);
    return item as Item;
  }
}
