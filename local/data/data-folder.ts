import { join, resolve } from 'node:path';

/** Files of the local stack's state. */
export interface DataFolder {
  readonly dynamoDb: string;
  readonly secrets: string;
  readonly parameters: string;
  readonly provider: string;
  readonly bsnProvider: string;
  readonly bsnCloud: string;
  readonly log: string;
}

/** Where things are in `folder`. */
export function dataFolder(folder: string): DataFolder {
  const root = resolve(folder);
  return {
    dynamoDb: join(root, 'dynamodb'),
    secrets: join(root, 'secrets.jsonl'),
    parameters: join(root, 'parameters.jsonl'),
    provider: join(root, 'provider.jsonl'),
    bsnProvider: join(root, 'bsn-provider.jsonl'),
    bsnCloud: join(root, 'bsn-cloud.jsonl'),
    log: join(root, 'renova.log'),
  };
}
