import { setTimeout as delay } from 'node:timers/promises';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Summary } from '../../shared/admin/summary.ts';
import { type EnvironmentName, names } from '../../shared/config/names.ts';
import { testClientOptions } from '../support/aws-clients.ts';

/** The steps of docs/second-region.md, in their order. Each can be done again from its beginning, whoever died in it. */
export const STEPS = ['copy-secrets', 'pause', 'settle', 'copy-ledger', 'resume'] as const;
export type Step = (typeof STEPS)[number];

/** What a person has of the environment in one region: AWS's own services, and the admin function. */
export interface Region {
  readonly env: EnvironmentName;
  readonly awsUrl: string;
}

/** Called between the parts of a step, so that a test can let a region die there. */
export type Between = () => Promise<void>;

/** Does one step of the hand-over of `ids`. Rejects when a region dies meanwhile: then it is done again. */
export async function doStep(
  step: Step,
  { from, to, ids }: { readonly from: Region; readonly to: Region; readonly ids: readonly string[] },
  between: Between,
): Promise<void> {
  switch (step) {
    case 'copy-secrets':
      return copySecrets(from, to, between);
    case 'pause':
      return inTurn(ids, between, (credential) => administer(from, { action: 'pause', credential }));
    case 'settle':
      await between();
      return untilNothingIsInFlight(from, ids);
    case 'copy-ledger':
      return copyLedger(from, to, ids, between);
    case 'resume':
      return inTurn(ids, between, (credential) =>
        administer(to, { action: 'resume', credential, force: true }),
      );
  }
}

/** Has the admin function of a region do something. Rejects with its error. */
export async function administer<Answer>(
  { env, awsUrl }: Region,
  request: { readonly action: string; readonly [member: string]: unknown },
): Promise<Answer> {
  const lambda = new LambdaClient(testClientOptions(awsUrl));
  try {
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: names(env).adminFunction, Payload: JSON.stringify(request) }),
    );
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString()) as Answer & { error?: { code: string } };
    if (answer.error) throw new Error(`${request.action}: ${answer.error.code}`);
    return answer;
  } finally {
    lambda.destroy();
  }
}

/** Seal rings and client secrets as they are now; lanes only where there are none, for they are written anew. */
export async function copySecrets(
  from: Region,
  to: Region,
  between: Between = () => Promise.resolve(),
): Promise<void> {
  const [source, target] = [secretsOf(from), secretsOf(to)];
  try {
    const { secretPrefix } = names(from.env);
    const listed = await source.send(
      new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [`${secretPrefix}/`] }], MaxResults: 100 }),
    );
    const found = (listed.SecretList ?? []).map(({ Name = '' }) => Name);
    await inTurn(found, between, async (SecretId) => {
      const { SecretString } = await source.send(new GetSecretValueCommand({ SecretId }));
      const there = await target.send(new GetSecretValueCommand({ SecretId })).catch((error: unknown) => {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      });
      if (!there) await target.send(new CreateSecretCommand({ Name: SecretId, SecretString }));
      else if (there.SecretString !== SecretString && !SecretId.includes('/token/'))
        await target.send(new PutSecretValueCommand({ SecretId, SecretString }));
    });
  } finally {
    source.destroy();
    target.destroy();
  }
}

/** An attempt that began before the pause may still bring a pair, until its lease is over. */
async function untilNothingIsInFlight(from: Region, ids: readonly string[]): Promise<void> {
  for (;;) {
    const { credentials } = await administer<{ credentials: Summary[] }>(from, { action: 'list' });
    const ours = credentials.filter(({ credential }) => ids.includes(credential));
    const isOver = ({ state, attempt_until }: Summary) =>
      state !== 'active' && !(Date.parse(attempt_until ?? '') > Date.now());
    if (ours.every(isOver)) return;
    await delay(200);
  }
}

/**
 * Only what is newer than what is there: a copy that is made again must not bring back a spent pair. It arrives paused,
 * so that it can be made while the first region refreshes.
 */
export async function copyLedger(
  from: Region,
  to: Region,
  ids: readonly string[],
  between: Between = () => Promise.resolve(),
): Promise<void> {
  const [source, target] = [from, to].map(({ awsUrl }) => new DynamoDBClient(testClientOptions(awsUrl)));
  try {
    const TableName = names(from.env).credentialsTable;
    const { Items = [] } = (await source?.send(new ScanCommand({ TableName, ConsistentRead: true }))) ?? {};
    const items = Items.filter(({ credential }) => ids.includes(credential?.S ?? ''));
    await inTurn(items, between, async (Item) => {
      await target
        ?.send(
          new PutItemCommand({
            TableName,
            Item: paused(Item),
            ConditionExpression: 'attribute_not_exists(credential) OR generation < :generation',
            ExpressionAttributeValues: { ':generation': Item.generation ?? { N: '0' } },
          }),
        )
        .catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        });
    });
  } finally {
    source?.destroy();
    target?.destroy();
  }
}

function paused(item: Record<string, AttributeValue>): Record<string, AttributeValue> {
  return item.state?.S === 'active' ? { ...item, state: { S: 'paused' } } : item;
}

/** What replication to the other region does to the lanes of a credential: they have the values of the first. */
export async function replicateLanes(from: Region, to: Region, credential: string): Promise<void> {
  const [source, target] = [secretsOf(from), secretsOf(to)];
  try {
    const prefix = `${names(from.env).secretPrefix}/${credential}/token/`;
    const listed = await source.send(
      new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [prefix] }], MaxResults: 100 }),
    );
    for (const { Name: SecretId } of listed.SecretList ?? []) {
      const { SecretString } = await source.send(new GetSecretValueCommand({ SecretId }));
      await target.send(new PutSecretValueCommand({ SecretId, SecretString }));
    }
  } finally {
    source.destroy();
    target.destroy();
  }
}

async function inTurn<One>(
  all: readonly One[],
  between: Between,
  each: (one: One) => Promise<unknown>,
): Promise<void> {
  for (const [index, one] of all.entries()) {
    if (index === Math.floor(all.length / 2)) await between();
    await each(one);
  }
}

function secretsOf({ awsUrl }: Region): SecretsManagerClient {
  return new SecretsManagerClient(testClientOptions(awsUrl));
}
